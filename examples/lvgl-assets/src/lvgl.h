// SPDX-License-Identifier: MIT
// Stands in for LVGL v9's lvgl.h: just the types and macros that the generated files in assets/
// use, with LVGL's names and layout, so that the example builds without LVGL. A real project
// includes LVGL and sets LV_ATTRIBUTE_LARGE_CONST in its lv_conf.h as below.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LVGL_VERSION_MAJOR        9
#define LVGL_VERSION_MINOR        2
#define LV_VERSION_CHECK(x, y, z) ((x) < 9 || ((x) == 9 && (y) <= 2))

// The one line that sends the bulk of fonts and images to the external flash.
#define LV_ATTRIBUTE_LARGE_CONST __attribute__((section(".lvgl_assets")))
#define LV_ATTRIBUTE_MEM_ALIGN   __attribute__((aligned(4)))

// ---- images -------------------------------------------------------------------------------------
#define LV_IMAGE_HEADER_MAGIC    0x19
#define LV_COLOR_FORMAT_ARGB8888 0x10
#define LV_COLOR_FORMAT_RGB565   0x12

typedef struct {
    uint32_t magic : 8;
    uint32_t cf : 8;
    uint32_t flags : 16;
    uint32_t w : 16;
    uint32_t h : 16;
    uint32_t stride : 16;
    uint32_t reserved_2 : 16;
} lv_image_header_t;

typedef struct {
    lv_image_header_t header;
    uint32_t data_size;
    const uint8_t *data;
    const void *reserved;
} lv_image_dsc_t;

// ---- fonts --------------------------------------------------------------------------------------
enum { LV_FONT_SUBPX_NONE };

enum {
    LV_FONT_FMT_TXT_CMAP_FORMAT0_FULL,
    LV_FONT_FMT_TXT_CMAP_SPARSE_FULL,
    LV_FONT_FMT_TXT_CMAP_FORMAT0_TINY,
    LV_FONT_FMT_TXT_CMAP_SPARSE_TINY,
};

typedef struct {
    uint32_t bitmap_index : 20;
    uint32_t adv_w : 12; // 1/16 px
    uint8_t box_w, box_h;
    int8_t ofs_x, ofs_y;
} lv_font_fmt_txt_glyph_dsc_t;

typedef struct {
    uint32_t range_start;
    uint16_t range_length, glyph_id_start;
    const uint16_t *unicode_list;
    const void *glyph_id_ofs_list;
    uint16_t list_length;
    uint8_t type;
} lv_font_fmt_txt_cmap_t;

typedef struct {
    const uint8_t *glyph_bitmap;
    const lv_font_fmt_txt_glyph_dsc_t *glyph_dsc;
    const lv_font_fmt_txt_cmap_t *cmaps;
    const void *kern_dsc;
    uint16_t kern_scale;
    uint16_t cmap_num : 9;
    uint16_t bpp : 4;
    uint16_t kern_classes : 1;
    uint16_t bitmap_format : 2;
} lv_font_fmt_txt_dsc_t;

typedef struct lv_font lv_font_t;
typedef struct lv_font_glyph_dsc lv_font_glyph_dsc_t; // of LVGL's renderer, opaque here
typedef struct lv_draw_buf lv_draw_buf_t;

struct lv_font {
    bool (*get_glyph_dsc)(const lv_font_t *, lv_font_glyph_dsc_t *, uint32_t letter, uint32_t next);
    const void *(*get_glyph_bitmap)(lv_font_glyph_dsc_t *, lv_draw_buf_t *);
    int32_t line_height, base_line;
    uint8_t subpx : 2;
    int8_t underline_position, underline_thickness;
    const void *dsc;
    const lv_font_t *fallback;
    void *user_data;
};

// LVGL's renderer supplies these; the example draws nothing, and shim.c has empty ones.
bool lv_font_get_glyph_dsc_fmt_txt(const lv_font_t *font, lv_font_glyph_dsc_t *dsc, uint32_t letter,
                                   uint32_t next);
const void *lv_font_get_bitmap_fmt_txt(lv_font_glyph_dsc_t *dsc, lv_draw_buf_t *buf);
