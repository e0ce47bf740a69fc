// SPDX-License-Identifier: MIT
// Anti-aliased shapes by their signed distance, see canvas.h.
#include "canvas.h"
#include <math.h>
#include <stdlib.h>

static double clamp(double v)
{
    return v < 0 ? 0 : v > 1 ? 1 : v;
}

struct color rgb(unsigned hex)
{
    return (struct color){(hex >> 16 & 0xFF) / 255.0, (hex >> 8 & 0xFF) / 255.0,
                          (hex & 0xFF) / 255.0, 1};
}

struct color faded(struct color c, double alpha)
{
    c.a *= alpha;
    return c;
}

struct color mix(struct color a, struct color b, double t)
{
    t = clamp(t);
    return (struct color){a.r + (b.r - a.r) * t, a.g + (b.g - a.g) * t, a.b + (b.b - a.b) * t,
                          a.a + (b.a - a.a) * t};
}

struct canvas canvas_new(int w, int h)
{
    struct canvas c = {w, h, calloc((size_t)w * (size_t)h, sizeof(struct color))};
    if (!c.pixels)
        abort();
    return c;
}

void canvas_free(struct canvas *c)
{
    free(c->pixels);
    c->pixels = NULL;
}

// `over` with straight alpha.
static void blend(struct canvas *c, int x, int y, struct color s, double coverage)
{
    struct color *d = &c->pixels[y * c->w + x];
    double sa = s.a * clamp(coverage);
    double a = sa + d->a * (1 - sa);
    if (a <= 0)
        return;
    d->r = (s.r * sa + d->r * d->a * (1 - sa)) / a;
    d->g = (s.g * sa + d->g * d->a * (1 - sa)) / a;
    d->b = (s.b * sa + d->b * d->a * (1 - sa)) / a;
    d->a = a;
}

static double length(double x, double y)
{
    return sqrt(x * x + y * y);
}

void fill_vertical(struct canvas *c, struct color top, struct color bottom)
{
    for (int y = 0; y < c->h; y++)
        for (int x = 0; x < c->w; x++)
            blend(c, x, y, mix(top, bottom, (y + 0.5) / c->h), 1);
}

void glow(struct canvas *c, struct point center, double radius, struct color color)
{
    for (int y = 0; y < c->h; y++) {
        for (int x = 0; x < c->w; x++) {
            double t = clamp(1 - length(x + 0.5 - center.x, y + 0.5 - center.y) / radius);
            blend(c, x, y, color, t * t * (3 - 2 * t));
        }
    }
}

void disc(struct canvas *c, struct point center, double radius, struct color color)
{
    for (int y = 0; y < c->h; y++)
        for (int x = 0; x < c->w; x++)
            blend(c, x, y, color, radius + 0.5 - length(x + 0.5 - center.x, y + 0.5 - center.y));
}

void ring(struct canvas *c, struct point center, double radius, double width, struct color color)
{
    for (int y = 0; y < c->h; y++) {
        for (int x = 0; x < c->w; x++) {
            double d = length(x + 0.5 - center.x, y + 0.5 - center.y) - radius;
            blend(c, x, y, color, width / 2 + 0.5 - (d < 0 ? -d : d));
        }
    }
}

void stroke(struct canvas *c, struct point from, struct point to, double width, struct color color)
{
    double dx = to.x - from.x, dy = to.y - from.y, squared = dx * dx + dy * dy;
    for (int y = 0; y < c->h; y++) {
        for (int x = 0; x < c->w; x++) {
            double px = x + 0.5 - from.x, py = y + 0.5 - from.y;
            double t = squared > 0 ? clamp((px * dx + py * dy) / squared) : 0;
            blend(c, x, y, color, width / 2 + 0.5 - length(px - dx * t, py - dy * t));
        }
    }
}

void box(struct canvas *c, struct point corner, struct point size, double radius, struct color top,
         struct color bottom)
{
    double hx = size.x / 2 - radius, hy = size.y / 2 - radius;
    for (int y = 0; y < c->h; y++) {
        for (int x = 0; x < c->w; x++) {
            double dx = fabs(x + 0.5 - corner.x - size.x / 2) - hx;
            double dy = fabs(y + 0.5 - corner.y - size.y / 2) - hy;
            double outside = length(dx > 0 ? dx : 0, dy > 0 ? dy : 0);
            double inside = dx > dy ? dx : dy;
            double d = (inside < 0 ? inside : outside) - radius;
            blend(c, x, y, mix(top, bottom, (y + 0.5 - corner.y) / size.y), 0.5 - d);
        }
    }
}

void area(struct canvas *c, double (*f)(double x), struct color at_curve, struct color at_bottom)
{
    for (int x = 0; x < c->w; x++) {
        double top = f(x + 0.5);
        for (int y = 0; y < c->h; y++)
            blend(c, x, y, mix(at_curve, at_bottom, (y + 0.5 - top) / (c->h - top)), y + 1 - top);
    }
}

struct point on_circle(struct point center, double radius, double turn)
{
    turn -= floor(turn);
    double quarter = turn * 4;
    int q = (int)quarter;
    double x = quarter - q; // 0..1 within the quarter: angle x * pi / 2
    double sine = x * (1.5706 - x * x * (0.6432 - 0.0727 * x * x)); // Taylor, rounded to meet 1
    double cosine = sqrt(clamp(1 - sine * sine));
    double s[4] = {sine, cosine, -sine, -cosine}, k[4] = {cosine, -sine, -cosine, sine};
    return (struct point){center.x + radius * s[q], center.y - radius * k[q]};
}
