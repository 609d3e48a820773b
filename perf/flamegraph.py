#!/usr/bin/env python3
"""Renders the output of `perf script` as a flame graph: one SVG file that needs nothing else.

    perf script --tid TID | perf/flamegraph.py --title "core-0" > core-0.svg

Each box is a function, as wide as the share of samples in which it was on the stack; what it called
stands above it. A box shows its name and share in a tooltip, and a click makes it fill the width.
"""

import argparse
import html
import re
import subprocess
import sys

WIDTH = 1200
ROW_HEIGHT = 17
MARGIN = 10
HEADER = 44
CHARACTER_WIDTH = 6.6
# A box narrower than this many pixels cannot be seen, and makes the file large.
BOX_WIDTH_MIN = 0.3

FRAME = re.compile(r"^\s+[0-9a-f]+\s+(.*?)(?:\s+\((.*)\))?$")
# Tells a kernel's function from one of the program that has the same name.
KERNEL_MARK = " (kernel)"
OFFSET = re.compile(r"\+0x[0-9a-f]+$")

SCRIPT = """
function zoom(event) {
  const box = event.target.closest('g.box');
  const all = document.querySelectorAll('g.box');
  const root = all[0].dataset;
  const goal = box ? box.dataset : root;
  const from = Number(goal.start), scale = Number(root.count) / Number(goal.count);
  const unit = %(width)s / Number(root.count);
  for (const each of all) {
    const start = Number(each.dataset.start), count = Number(each.dataset.count);
    const left = Math.max(0, (start - from) * unit * scale);
    const right = Math.min(%(width)s, (start + count - from) * unit * scale);
    each.style.display = right - left < %(minimum)s ? 'none' : '';
    const rect = each.querySelector('rect'), text = each.querySelector('text');
    rect.setAttribute('x', %(margin)s + left);
    rect.setAttribute('width', Math.max(0, right - left));
    text.setAttribute('x', %(margin)s + left + 3);
    const room = Math.floor((right - left - 6) / %(character)s);
    const name = each.dataset.name;
    text.textContent = room < 3 ? '' : name.length <= room ? name : name.slice(0, room - 1) + '…';
  }
}
document.documentElement.addEventListener('click', zoom);
"""


class Node:
    """A function in the context of its callers."""

    def __init__(self):
        self.count = 0
        self.children = {}

    def depth(self):
        return 1 + max((child.depth() for child in self.children.values()), default=0)


def read_stacks(lines):
    """Yields each sample's stack, the outermost caller first."""
    stack = []
    for line in lines:
        frame = FRAME.match(line)
        if frame and line[0].isspace():
            name = OFFSET.sub("", frame.group(1))
            module = frame.group(2) or ""
            is_kernel = module.startswith("[") or module.endswith(".ko")
            if name == "[unknown]":
                name = "unknown" if is_kernel else f"[{module.rsplit('/', 1)[-1]}]"
            stack.append(name + KERNEL_MARK if is_kernel else name)
        elif not line.strip():
            if stack:
                yield stack[::-1]
            stack = []
    if stack:
        yield stack[::-1]


def build_tree(stacks):
    root = Node()
    for stack in stacks:
        root.count += 1
        node = root
        for name in stack:
            node = node.children.setdefault(name, Node())
            node.count += 1
    return root


def find_names(node, names):
    for name, child in node.children.items():
        names.add(name)
        find_names(child, names)
    return names


def demangle(names):
    """Maps Swift's symbols to what a reader knows, when the toolchain is in PATH."""
    mangled = sorted(name for name in names if name.startswith(("$s", "$S", "_$s")))
    if not mangled:
        return {}
    command = ["swift", "demangle", "--compact", "--simplified"]
    try:
        result = subprocess.run(
            command, input="\n".join(mangled), capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return {}
    return dict(zip(mangled, result.stdout.splitlines()))


def choose_color(name):
    """Equal names get equal colours: the kernel's bluish, ours warm."""
    value = sum(ord(character) * (index + 7) for index, character in enumerate(name))
    is_kernel = name.endswith(KERNEL_MARK)
    hue = 200 + value % 40 if is_kernel else 15 + value % 40
    return f"hsl({hue},{65 + value % 20}%,{64 + value % 12}%)"


def shorten(name, width):
    room = int((width - 6) / CHARACTER_WIDTH)
    if room < 3:
        return ""
    return name if len(name) <= room else name[: room - 1] + "…"


def draw_box(name, node, start, level, scene):
    unit = (WIDTH - 2 * MARGIN) / scene["total"]
    width = node.count * unit
    if width < BOX_WIDTH_MIN:
        return
    x = MARGIN + start * unit
    y = scene["height"] - MARGIN - (level + 1) * ROW_HEIGHT
    share = 100 * node.count / scene["total"]
    label = html.escape(shorten(name, width))
    full = html.escape(name, quote=True)
    scene["parts"].append(
        f'<g class="box" data-start="{start}" data-count="{node.count}" data-name="{full}">'
        f"<title>{full}: {node.count} samples, {share:.2f} %</title>"
        f'<rect x="{x:.2f}" y="{y}" width="{width:.2f}" height="{ROW_HEIGHT - 1}" rx="1" '
        f'fill="{choose_color(name)}"/>'
        f'<text x="{x + 3:.2f}" y="{y + 12}">{label}</text></g>')
    for child_name, child in sorted(node.children.items()):
        draw_box(child_name, child, start, level + 1, scene)
        start += child.count


def render(root, title):
    names = demangle(find_names(root, set()))
    rename(root, names)
    height = HEADER + root.depth() * ROW_HEIGHT + MARGIN
    scene = {"total": root.count, "height": height, "parts": []}
    draw_box("all", root, 0, 0, scene)
    inner = WIDTH - 2 * MARGIN
    script = SCRIPT % {
        "width": inner, "margin": MARGIN, "minimum": BOX_WIDTH_MIN, "character": CHARACTER_WIDTH}
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" font-family="monospace" font-size="11">'
        f'<rect width="100%" height="100%" fill="#fdfdf8"/>'
        f'<text x="{MARGIN}" y="26" font-size="16">{html.escape(title)}: '
        f"{root.count} samples</text>")
    body = "\n".join(scene["parts"])
    return f"{head}{body}<script><![CDATA[{script}]]></script></svg>\n"


def rename(node, names):
    """Replaces mangled names; two that become equal are one box."""
    renamed = {}
    for name, child in node.children.items():
        rename(child, names)
        name = names.get(name, name)
        if name in renamed:
            merge(renamed[name], child)
        else:
            renamed[name] = child
    node.children = renamed


def merge(into, other):
    into.count += other.count
    for name, child in other.children.items():
        if name in into.children:
            merge(into.children[name], child)
        else:
            into.children[name] = child


def main():
    parser = argparse.ArgumentParser(description="perf script on standard input, SVG on output")
    parser.add_argument("--title", default="flame graph")
    arguments = parser.parse_args()
    sys.setrecursionlimit(10_000)
    root = build_tree(read_stacks(sys.stdin))
    if root.count == 0:
        sys.exit("flamegraph: no samples: the thread was idle, or perf could not read it")
    sys.stdout.write(render(root, arguments.title))


if __name__ == "__main__":
    main()
