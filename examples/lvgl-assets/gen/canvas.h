// SPDX-License-Identifier: MIT
// A small anti-aliased drawing surface for the example's images (gen/art.c). Only + - * / and sqrt
// are used, so that every machine computes the same bytes.
#pragma once

struct color {
    double r, g, b, a; // 0..1, not premultiplied
};

struct canvas {
    int w, h;
    struct color *pixels;
};

struct point {
    double x, y;
};

struct color rgb(unsigned hex);                             // 0xRRGGBB, opaque
struct color faded(struct color c, double alpha);           // with alpha multiplied
struct color mix(struct color a, struct color b, double t); // t = 0: a, 1: b

struct canvas canvas_new(int w, int h); // transparent
void canvas_free(struct canvas *c);

// Shapes are blended over what is there; edges are one pixel soft.
void fill_vertical(struct canvas *c, struct color top, struct color bottom);
void glow(struct canvas *c, struct point center, double radius, struct color color);
void disc(struct canvas *c, struct point center, double radius, struct color color);
void ring(struct canvas *c, struct point center, double radius, double width, struct color color);
void stroke(struct canvas *c, struct point from, struct point to, double width, struct color color);
void box(struct canvas *c, struct point corner, struct point size, double radius, struct color top,
         struct color bottom);
// Everything below the curve y = f(x).
void area(struct canvas *c, double (*f)(double x), struct color at_curve, struct color at_bottom);

// A point at `turn` (0..1, clockwise from the top) on a circle, good to a thousandth of a turn.
struct point on_circle(struct point center, double radius, double turn);
