//! Readers for flag values that clap does not know.

/// Reads `x,y,z`: three finite numbers.
pub fn vec3(text: &str) -> Result<[f32; 3], String> {
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    let [x, y, z] = parts.as_slice() else {
        return Err(format!("{} numbers where 3 are needed, as in 1,-2.5,0", parts.len()));
    };
    Ok([finite(x)?, finite(y)?, finite(z)?])
}

/// Reads one finite number.
pub fn finite(text: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(number) if number.is_finite() => Ok(number),
        _ => Err(format!("`{text}` is no finite number")),
    }
}

/// Reads a finite number that is not negative.
pub fn factor(text: &str) -> Result<f32, String> {
    match finite(text)? {
        number if number >= 0.0 => Ok(number),
        _ => Err("must not be negative".into()),
    }
}

/// Reads a finite number above 0.
pub fn positive(text: &str) -> Result<f32, String> {
    match finite(text)? {
        number if number > 0.0 => Ok(number),
        _ => Err("must be above 0".into()),
    }
}

/// Reads an angle between 0 and 180 degrees, both excluded.
pub fn angle_deg(text: &str) -> Result<f32, String> {
    match finite(text)? {
        number if number > 0.0 && number < 180.0 => Ok(number),
        _ => Err("must lie between 0 and 180 degrees".into()),
    }
}

/// A run of animation frames, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frames {
    /// First frame.
    pub first: u32,
    /// Last frame.
    pub last: u32,
}

/// Reads `7` or `1..24`.
pub fn frames(text: &str) -> Result<Frames, String> {
    let number = |part: &str| part.trim().parse::<u32>().map_err(|_| format!("`{part}` is no frame number; give 7 or 1..24"));
    let frames = match text.split_once("..") {
        None => Frames { first: number(text)?, last: number(text)? },
        Some((first, last)) => Frames { first: number(first)?, last: number(last)? },
    };
    if frames.first > frames.last {
        return Err("the first frame lies behind the last".into());
    }
    Ok(frames)
}

/// Reads lux with up to six decimals into whole microlux, without a float in between.
pub fn lux(text: &str) -> Result<u64, String> {
    let wrong = || format!("`{text}` is no amount of lux; give 2 or 0.05, at most six decimals");
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    if decimals.len() > 6 || !decimals.bytes().all(|byte| byte.is_ascii_digit()) || !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    let micro: u64 = format!("{decimals:0<6}").parse().map_err(|_| wrong())?;
    let whole: u64 = whole.parse().map_err(|_| wrong())?;
    whole.checked_mul(raylance_protocol::Microlux::PER_LUX).and_then(|lux| lux.checked_add(micro)).ok_or_else(wrong)
}

/// Shows microlux in decimal as lux; what is no number is shown as it is.
pub fn microlux(text: &str) -> String {
    text.parse().map_or_else(|_| text.to_owned(), |micro| raylance_protocol::Microlux(micro).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lux_are_read_without_floats() {
        assert_eq!(lux("2"), Ok(2_000_000));
        assert_eq!(lux("0.05"), Ok(50_000));
        assert_eq!(lux("0.000001"), Ok(1));
        for wrong in ["", ".", "-1", "1.0000001", "1e3", "99999999999999999999", "18446744073710", "1,5"] {
            assert!(lux(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn vectors_need_three_finite_numbers() {
        assert_eq!(vec3("-278,273,800.5"), Ok([-278.0, 273.0, 800.5]));
        for wrong in ["", "1,2", "1,2,3,4", "1,2,nan", "1,inf,2", "a,b,c"] {
            assert!(vec3(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn frames_are_one_or_a_run() {
        assert_eq!(frames("7"), Ok(Frames { first: 7, last: 7 }));
        assert_eq!(frames("1..24"), Ok(Frames { first: 1, last: 24 }));
        assert!(frames("9..1").is_err() && frames("a").is_err() && frames("1..").is_err());
    }
}
