// SPDX-License-Identifier: MIT
// The pictures of a small dashboard: backgrounds, a gauge, a chart, an album cover, icons.
#include "art.h"
#include <math.h>

#define AT(px, py) ((struct point){px, py})

static const unsigned ink = 0x0B1426, night = 0x141E37, violet = 0x4A2E83, rose = 0xE0527D,
                      amber = 0xFFB347, teal = 0x22C7B8, sky = 0x4DA3FF, white = 0xF5F8FF,
                      slate = 0x2A3654;

// A smooth wave of period 1 and height 1, made of parabolas.
static double wave(double x)
{
    x = (x - floor(x)) * 2;
    return x < 1 ? 4 * x * (1 - x) : -4 * (x - 1) * (2 - x);
}

static double far_hills(double x)
{
    return 178 - 22 * wave(x / 310) - 9 * wave(x / 97 + 0.2);
}

static double near_hills(double x)
{
    return 222 - 18 * wave(x / 240 + 0.45) - 6 * wave(x / 61);
}

static void wallpaper(struct canvas *c)
{
    fill_vertical(c, rgb(ink), rgb(violet));
    glow(c, AT(c->w * 0.7, c->h * 0.62), 260, faded(rgb(rose), 0.75));
    glow(c, AT(c->w * 0.7, c->h * 0.62), 90, faded(rgb(amber), 0.9));
    disc(c, AT(c->w * 0.7, c->h * 0.62), 30, rgb(0xFFE2A8));
    for (unsigned i = 0; i < 60; i++) { // stars by a small congruential generator
        unsigned n = i * 2654435761u;
        disc(c, AT((n >> 7) % (unsigned)c->w, (n >> 17) % 130u), 0.4 + (n >> 5 & 3) * 0.25,
             faded(rgb(white), 0.8));
    }
    area(c, far_hills, rgb(0x3B2A6B), rgb(night));
    area(c, near_hills, rgb(0x1D2145), rgb(ink));
}

static void card(struct canvas *c, double x, double y, double w, double h)
{
    box(c, AT(x, y + 3), AT(w, h), 14, faded(rgb(0x000000), 0.35), faded(rgb(0x000000), 0.35));
    box(c, AT(x, y), AT(w, h), 14, rgb(slate), rgb(0x1B2540));
    stroke(c, AT(x + 14, y + 1), AT(x + w - 14, y + 1), 1, faded(rgb(white), 0.18));
}

static void dashboard(struct canvas *c)
{
    fill_vertical(c, rgb(night), rgb(ink));
    glow(c, AT(0, 0), 340, faded(rgb(sky), 0.25));
    glow(c, AT(c->w, c->h), 320, faded(rgb(violet), 0.5));
    card(c, 12, 44, 264, 264);
    card(c, 288, 44, 180, 126);
    card(c, 288, 182, 180, 126);
    box(c, AT(0, 0), AT(c->w, 32), 0, faded(rgb(white), 0.06), faded(rgb(white), 0.02));
    for (int i = 0; i < 4; i++) {
        box(c, AT(304, 62 + i * 25), AT(148, 12), 6, faded(rgb(white), 0.08),
            faded(rgb(white), 0.08));
        box(c, AT(304, 62 + i * 25), AT(148 - i * 31, 12), 6, rgb(teal), rgb(sky));
    }
}

static void gauge(struct canvas *c)
{
    struct point center = AT(c->w / 2.0, c->h / 2.0);
    disc(c, center, 118, faded(rgb(ink), 0.92));
    ring(c, center, 116, 3, faded(rgb(sky), 0.55));
    for (int i = 0; i <= 300; i++) { // the coloured arc, three quarters of a turn
        double t = i / 300.0;
        struct color color = t < 0.6 ? mix(rgb(teal), rgb(amber), t / 0.6)
                                     : mix(rgb(amber), rgb(rose), (t - 0.6) / 0.4);
        disc(c, on_circle(center, 98, 0.625 + 0.75 * t), 5, color);
    }
    for (int i = 0; i <= 40; i++) {
        double turn = 0.625 + 0.75 * i / 40;
        double inner = i % 5 ? 84 : 76;
        stroke(c, on_circle(center, inner, turn), on_circle(center, 89, turn), i % 5 ? 1.2 : 2.6,
               faded(rgb(white), i % 5 ? 0.5 : 0.95));
    }
    stroke(c, center, on_circle(center, 72, 0.12), 5, rgb(rose));
    disc(c, center, 12, rgb(slate));
    disc(c, center, 6, rgb(white));
}

static double series_one(double x)
{
    return 88 - 30 * wave(x / 150) - 14 * wave(x / 47 + 0.3) + x * 0.06;
}

static double series_two(double x)
{
    return 110 - 20 * wave(x / 110 + 0.5) - x * 0.1;
}

static void line_of(struct canvas *c, double (*f)(double), struct color color)
{
    for (int x = 0; x < c->w; x += 4)
        stroke(c, AT(x, f(x)), AT(x + 4, f(x + 4)), 2, color);
}

static void chart(struct canvas *c)
{
    fill_vertical(c, rgb(slate), rgb(night));
    for (int i = 1; i < 8; i++)
        stroke(c, AT(0, i * 20), AT(c->w, i * 20), 1, faded(rgb(white), i % 2 ? 0.06 : 0.14));
    for (int i = 1; i < 10; i++)
        stroke(c, AT(i * 32, 0), AT(i * 32, c->h), 1, faded(rgb(white), 0.06));
    area(c, series_two, faded(rgb(violet), 0.8), faded(rgb(violet), 0.0));
    line_of(c, series_two, rgb(0xA98BFF));
    area(c, series_one, faded(rgb(teal), 0.55), faded(rgb(teal), 0.0));
    line_of(c, series_one, rgb(teal));
    for (int x = 32; x < c->w; x += 64)
        disc(c, AT(x, series_one(x)), 4, rgb(white));
}

static void cover(struct canvas *c)
{
    box(c, AT(0, 0), AT(c->w, c->h), 18, rgb(rose), rgb(violet));
    for (int i = 7; i > 0; i--)
        disc(c, AT(c->w / 2.0, c->h / 2.0), i * 10, mix(rgb(amber), rgb(ink), i / 7.0));
    for (int i = 0; i < 24; i++)
        stroke(c, on_circle(AT(c->w / 2.0, c->h / 2.0), 20, i / 24.0),
               on_circle(AT(c->w / 2.0, c->h / 2.0), 64, i / 24.0), 1, faded(rgb(white), 0.12));
    disc(c, AT(c->w / 2.0, c->h / 2.0), 8, rgb(white));
}

static void icon_home(struct canvas *c)
{
    box(c, AT(15, 28), AT(34, 28), 4, rgb(sky), rgb(0x2B6FCC));
    for (int i = 0; i < 3; i++)
        stroke(c, AT(10, 31 - i), AT(32, 10 - i), 5, rgb(white));
    stroke(c, AT(54, 31), AT(32, 10), 5, rgb(white));
    box(c, AT(27, 38), AT(10, 18), 2, rgb(ink), rgb(ink));
}

static void icon_settings(struct canvas *c)
{
    for (int i = 0; i < 8; i++)
        stroke(c, on_circle(AT(32, 32), 12, i / 8.0), on_circle(AT(32, 32), 24, i / 8.0), 9,
               rgb(0xA9B4CC));
    disc(c, AT(32, 32), 18, rgb(0xA9B4CC));
    disc(c, AT(32, 32), 8, rgb(ink));
}

static void icon_battery(struct canvas *c)
{
    box(c, AT(6, 18), AT(48, 28), 7, rgb(white), rgb(0xC9D2E4));
    box(c, AT(55, 26), AT(5, 12), 2, rgb(white), rgb(0xC9D2E4));
    box(c, AT(10, 22), AT(40, 20), 4, rgb(ink), rgb(ink));
    box(c, AT(12, 24), AT(27, 16), 3, rgb(0x6BE08B), rgb(0x2FA864));
}

static void icon_radio(struct canvas *c)
{
    for (int i = 1; i <= 3; i++)
        for (int k = -20; k <= 20; k++)
            disc(c, on_circle(AT(32, 50), 12.0 * i, k / 160.0), 2.6, rgb(sky));
    disc(c, AT(32, 50), 5, rgb(white));
}

static void icon_bell(struct canvas *c)
{
    disc(c, AT(32, 52), 5, rgb(0xC98416));
    box(c, AT(18, 14), AT(28, 36), 14, rgb(amber), rgb(0xE08E2B));
    box(c, AT(11, 42), AT(42, 9), 4, rgb(0xE08E2B), rgb(0xC98416));
    disc(c, AT(32, 12), 4, rgb(amber));
    disc(c, AT(47, 17), 9, rgb(rose));
}

static void icon_sun(struct canvas *c)
{
    glow(c, AT(32, 32), 31, faded(rgb(amber), 0.6));
    for (int i = 0; i < 12; i++)
        stroke(c, on_circle(AT(32, 32), 20, i / 12.0), on_circle(AT(32, 32), 27, i / 12.0), 3.5,
               rgb(amber));
    disc(c, AT(32, 32), 14, rgb(0xFFD479));
}

const struct art arts[] = {
    {"wallpaper", RGB565, 480, 272, wallpaper},
    {"dashboard", RGB565, 480, 320, dashboard},
    {"chart", RGB565, 320, 160, chart},
    {"gauge", ARGB8888, 240, 240, gauge},
    {"cover", ARGB8888, 160, 160, cover},
    {"icon_home", ARGB8888, 64, 64, icon_home},
    {"icon_settings", ARGB8888, 64, 64, icon_settings},
    {"icon_battery", ARGB8888, 64, 64, icon_battery},
    {"icon_radio", ARGB8888, 64, 64, icon_radio},
    {"icon_bell", ARGB8888, 64, 64, icon_bell},
    {"icon_sun", ARGB8888, 64, 64, icon_sun},
};
const unsigned arts_count = sizeof(arts) / sizeof(arts[0]);
