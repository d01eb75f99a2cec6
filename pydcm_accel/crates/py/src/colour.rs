//! Conversion of colours.

use pydcm_codecs::colour;

use crate::buffers::Out;
use crate::kernels;

kernels! {
    "colour.ybr_to_rgb": fn ybr_to_rgb(pixels: Out<u8>) {
        colour::ybr_to_rgb(pixels)
    }
    "colour.rgb_to_ybr": fn rgb_to_ybr(pixels: Out<u8>) {
        colour::rgb_to_ybr(pixels)
    }
}
