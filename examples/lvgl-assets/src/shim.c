// SPDX-License-Identifier: MIT
// The two functions of LVGL's text renderer that a font's descriptor points to. The example has no
// display: here they find nothing.
#include "lvgl.h"

bool lv_font_get_glyph_dsc_fmt_txt(const lv_font_t *font, lv_font_glyph_dsc_t *dsc, uint32_t letter,
                                   uint32_t next)
{
    (void)font;
    (void)dsc;
    (void)letter;
    (void)next;
    return false;
}

const void *lv_font_get_bitmap_fmt_txt(lv_font_glyph_dsc_t *dsc, lv_draw_buf_t *buf)
{
    (void)dsc;
    (void)buf;
    return NULL;
}
