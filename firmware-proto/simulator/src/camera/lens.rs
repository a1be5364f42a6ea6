//! From a screen to the pixels of a picture.

use dcrcold_signer::scan::image::Size;

use super::random::Random;
use super::{Conditions, Screen};

/// Where each point of a picture lies on the screen: a projective map.
pub(super) struct Projection([[f32; 3]; 3]);

impl Projection {
    /// Puts the screen into the middle of the picture, but for a pixel or two, turned and seen from one of its sides.
    pub(super) fn of(size: Size, screen: &Screen, conditions: &Conditions, random: &mut Random) -> Self {
        let (across, down) = (pixels(size.width()), pixels(size.height()));
        let shape = pixels(screen.width) / pixels(screen.height);
        let height = (conditions.fill * down).min(0.95 * across / shape);
        let (half_x, half_y) = (shape * height / 2.0, height / 2.0);
        let (sin, cos) = conditions.rotation.to_radians().sin_cos();
        let (x, y) = (across / 2.0 + random.between(-2.0, 2.0), down / 2.0 + random.between(-2.0, 2.0));
        // The corners, clockwise from the top left, of which one side is farther away.
        let mut corners = [(-half_x, -half_y), (half_x, -half_y), (half_x, half_y), (-half_x, half_y)];
        let near = 1.0 - conditions.perspective;
        if random.between(0.0, 1.0) < 0.5 {
            corners[0].0 *= near;
            corners[1].0 *= near;
        } else {
            corners[1].1 *= near;
            corners[2].1 *= near;
        }
        Self(inverse(square_to(corners.map(|(u, v)| (x + u * cos - v * sin, y + u * sin + v * cos)))))
    }

    /// From a point of the picture to one of the screen, whose corners are 0 and 1.
    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        let [u, v, w] = self.0.map(|[a, b, c]| a * x + b * y + c);
        (u / w, v / w)
    }
}

/// The map from the unit square to four corners. Source: Heckbert, Fundamentals of Texture Mapping (1989), section 2.2.3.
fn square_to([(x0, y0), (x1, y1), (x2, y2), (x3, y3)]: [(f32, f32); 4]) -> [[f32; 3]; 3] {
    let (dx1, dx2, sx) = (x1 - x2, x3 - x2, x0 - x1 + x2 - x3);
    let (dy1, dy2, sy) = (y1 - y2, y3 - y2, y0 - y1 + y2 - y3);
    let area = dx1 * dy2 - dx2 * dy1;
    let (g, h) = ((sx * dy2 - dx2 * sy) / area, (dx1 * sy - sx * dy1) / area);
    [[x1 - x0 + g * x1, x3 - x0 + h * x3, x0], [y1 - y0 + g * y1, y3 - y0 + h * y3, y0], [g, h, 1.0]]
}

/// The inverse of a map but for a factor, which maps do not have.
fn inverse([[a, b, c], [d, e, f], [g, h, i]]: [[f32; 3]; 3]) -> [[f32; 3]; 3] {
    [
        [e * i - f * h, c * h - b * i, b * f - c * e],
        [f * g - d * i, a * i - c * g, c * d - a * f],
        [d * h - e * g, b * g - a * h, a * e - b * d],
    ]
}

/// The screen as it falls on the sensor, four rays to a pixel, each pixel from 0 to 255.
pub(super) fn project(size: Size, screen: &Screen, conditions: &Conditions, projection: &Projection) -> Vec<f32> {
    let (dark, light) = (f32::from(conditions.contrast.0), f32::from(conditions.contrast.1));
    let ray = |x: f32, y: f32| {
        let (u, v) = projection.at(x, y);
        if (0.0..1.0).contains(&u) && (0.0..1.0).contains(&v) {
            let (column, row) = (index(u * pixels(screen.width)), index(v * pixels(screen.height)));
            dark + (light - dark) * screen.pixels[row * screen.width + column]
        } else {
            f32::from(conditions.surround)
        }
    };
    let mut picture = Vec::with_capacity(size.pixels());
    for y in (0..size.height()).map(pixels) {
        for x in (0..size.width()).map(pixels) {
            let sum =
                ray(x + 0.25, y + 0.25) + ray(x + 0.75, y + 0.25) + ray(x + 0.25, y + 0.75) + ray(x + 0.75, y + 0.75);
            picture.push(sum / 4.0);
        }
    }
    picture
}

/// Adds the light of a lamp somewhere in the middle, brightest in its centre.
pub(super) fn reflect_lamp(size: Size, picture: &mut [f32], random: &mut Random) {
    let height = pixels(size.height());
    let centre = (pixels(size.width()) / 2.0 + height * random.between(-0.3, 0.3), height * random.between(0.2, 0.8));
    let radius = height * 0.2;
    for (row, y) in picture.chunks_mut(size.width()).zip((0..).map(pixels)) {
        for (pixel, x) in row.iter_mut().zip((0..).map(pixels)) {
            let distance = ((x - centre.0).powi(2) + (y - centre.1).powi(2)) / (radius * radius);
            *pixel += 130.0 * (-distance).exp();
        }
    }
}

/// The mean of so many pixels in a row.
pub(super) fn smear(size: Size, picture: &mut [f32], motion: usize) {
    for row in picture.chunks_mut(size.width()) {
        for x in 0..row.len() {
            let seen = &row[x..row.len().min(x + motion)];
            row[x] = seen.iter().sum::<f32>() / pixels(seen.len());
        }
    }
}

/// A Gaussian blur, first along rows, then along columns.
pub(super) fn blur(size: Size, picture: &mut [f32], deviation: f32) {
    let reach = index(3.0 * deviation) + 1;
    let weight = |n: usize| (-(pixels(n) / deviation).powi(2) / 2.0).exp();
    let sum = weight(0) + 2.0 * (1..=reach).map(weight).sum::<f32>();
    let weights: Vec<f32> = (0..=reach).map(|n| weight(n) / sum).collect();
    let (width, height) = (size.width(), size.height());
    let mut rows = vec![0.0; picture.len()];
    for (source, row) in picture.chunks(width).zip(rows.chunks_mut(width)) {
        for (x, pixel) in row.iter_mut().enumerate() {
            let pair = |n: usize| source[x.saturating_sub(n)] + source[(x + n).min(width - 1)];
            *pixel = weights[0] * source[x] + (1..=reach).map(|n| weights[n] * pair(n)).sum::<f32>();
        }
    }
    for (y, row) in picture.chunks_mut(width).enumerate() {
        for (x, pixel) in row.iter_mut().enumerate() {
            *pixel = weights[0] * rows[y * width + x];
        }
        for (n, weight) in weights.iter().enumerate().skip(1) {
            let (above, below) = (y.saturating_sub(n) * width, (y + n).min(height - 1) * width);
            for ((pixel, above), below) in row.iter_mut().zip(&rows[above..]).zip(&rows[below..]) {
                *pixel += weight * (above + below);
            }
        }
    }
}

/// What the sensor makes of the light: bytes, with noise.
pub(super) fn expose(picture: &[f32], noise: f32, random: &mut Random) -> Vec<u8> {
    let mut pixels = Vec::with_capacity(picture.len());
    for two in picture.chunks(2) {
        let errors = random.normal();
        pixels.extend(two.iter().zip(errors).map(|(light, error)| byte(light + error * noise)));
    }
    pixels
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` stops at both ends of a byte")]
fn byte(light: f32) -> u8 {
    light.round() as u8
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a picture is not negative")]
fn index(place: f32) -> usize {
    place as usize
}

/// A count of pixels as a length.
fn pixels(count: usize) -> f32 {
    count as f32
}
