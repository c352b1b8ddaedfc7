// What jsdom lacks and the page needs.

Object.defineProperty(window, "matchMedia", {
  value: (query: string) => ({ matches: false, media: query, addEventListener() {}, removeEventListener() {} }),
});
window.scrollTo = () => {};
