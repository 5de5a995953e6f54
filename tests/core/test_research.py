# SPDX-License-Identifier: GPL-3.0-or-later
"""The research bench: what it measures is right, an interrupted run goes on, and the report stands alone."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import math
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest
from made_clips import panning, texture, write_clip

pytest.importorskip("matplotlib", reason="the report's plots need matplotlib")
pytest.importorskip("rich", reason="the bench shows its progress with rich")

from core.commands.alone import alone
from core.commands.clip_source import Span
from core.commands.console import ConsoleWatch
from core.commands.figures import SourceClip, measure
from core.commands.methods import METHODS
from core.commands.research.bench import Plan, run_bench
from core.commands.research.document import Heading, Paragraph, Plot, Sheet, Table, as_html, as_markdown
from core.commands.research.painters import PAINTERS, QUICK_PAINTERS, Painting, paint_alone
from core.commands.research.report import write_report
from core.commands.research.rows import Row, RowStore, file_name
from core.errors import BrushflowError, MediaError, SettingsError
from core.metrics import noise_gain, warp_error
from core.paint.choice import available_engines
from core.storage.frames import Frame, write_frame

needs_torch = pytest.mark.skipif("torch" not in available_engines(), reason="features and optimising need torch")
HOUSE = ("source", "frame by frame", "settled")


def plan(folder: Path, style: str, painters: tuple[str, ...] = HOUSE, height: int = 64) -> Plan:
    write_clip(folder / "pan", panning(12))
    return Plan((folder / "pan",), (style,), painters, Span(), height, None)


def test_noise_gain_compares_what_comes_out_with_what_went_in() -> None:
    source = np.full((8, 8, 3), 100, np.uint8)
    assert noise_gain(source, source + 4, source, source + 4) == 1.0
    assert noise_gain(source, source + 4, source + 50, source + 40) == 2.5
    assert noise_gain(source, source - 4, source, source) == 0.0
    assert math.isnan(noise_gain(source, source, source, source + 1))


def test_a_measurement_alone_gives_its_result_and_its_own_peak_of_memory() -> None:
    ballast = np.ones(60_000_000)  # this process is large; the other must not be told so
    result, megabytes = alone(math.hypot, 3.0, 4.0)
    assert result == 5.0 and 5 < megabytes < ballast.nbytes / 2**20


def test_the_source_measured_against_itself_is_the_floor(tmp_path: Path) -> None:
    clip = write_clip(tmp_path, panning(12))
    source = SourceClip(clip)
    figures = measure(source, clip)
    assert figures.warp_error < 0.001 < measure(source, write_clip(tmp_path / "still", panning(12)[::-1])).warp_error
    assert math.isnan(figures.style_loss) and math.isnan(figures.content_loss)
    wanted = np.mean([warp_error(clip.read(i - 10).rgb, clip.read(i).rgb, source.motion(i - 10, i)) for i in (10, 11)])
    assert figures.warp_error_far == pytest.approx(wanted)


def test_one_frame_and_black_frames_are_measured_as_far_as_they_can_be(tmp_path: Path) -> None:
    one = write_clip(tmp_path / "one", [texture(64, 96)])
    assert math.isnan(measure(SourceClip(one), one).warp_error) and measure(SourceClip(one), one).sharpness > 0
    black = write_clip(tmp_path / "black", [np.zeros((64, 96, 3), np.uint8)] * 3)
    figures = measure(SourceClip(black), black)
    assert figures.warp_error == figures.flicker == 0.0 and math.isnan(figures.relative)


def test_the_bench_measures_every_painter_and_goes_on_where_it_stopped(
    tmp_path: Path, style: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted, folder = plan(tmp_path, style), tmp_path / "report"
    with ConsoleWatch() as watch:
        first = run_bench(wanted, folder, watch)
        rows = {row.painter: row.numbers for row in first.rows}
        assert tuple(rows) == HOUSE and not first.missing
        assert rows["settled"]["warp_error"] < rows["frame by frame"]["warp_error"]
        assert rows["source"]["noise_gain"] == 1.0 and math.isnan(rows["source"]["seconds"])
        assert all(rows[name]["seconds"] > 0 and rows[name]["megabytes"] > 20 for name in HOUSE[1:])
        assert all((folder / row.picture).stat().st_size > 1000 for row in first.rows)

        stopped_at = folder / "rows" / f"{file_name('pan', style, 'settled')}.json"
        stopped_at.unlink()
        painted: list[str] = []
        from core.commands.research import bench

        paint = bench.paint_alone
        monkeypatch.setattr(bench, "paint_alone", lambda what: (painted.append(what[0].painter), paint(what))[1])
        again = run_bench(wanted, folder, watch)
        assert painted == ["settled"] and [row.painter for row in again.rows] == list(HOUSE)
        (folder / again.rows[0].picture).unlink()
        run_bench(wanted, folder, watch)
        assert painted == ["settled", "source"], "a row without its picture is measured again"
        run_bench(plan(tmp_path, style, ("frame by frame",), height=72), folder, watch)
        assert painted == ["settled", "source", "frame by frame"], "another size is another row"


def test_rows_of_another_settling_or_of_other_shots_are_measured_again(
    tmp_path: Path, style: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.commands.research import bench
    from core.settling import settle
    from core.shots import cuts

    painted: list[str] = []
    paint = bench.paint_alone
    monkeypatch.setattr(bench, "paint_alone", lambda what: (painted.append(what[0].painter), paint(what))[1])
    wanted = plan(tmp_path, style, ("source", "settled"))
    with ConsoleWatch() as watch:
        run_bench(wanted, tmp_path / "report", watch)
        run_bench(wanted, tmp_path / "report", watch)
        assert painted == ["source", "settled"]
        monkeypatch.setattr(settle, "VERSION", settle.VERSION + 1)
        run_bench(wanted, tmp_path / "report", watch)
        assert painted == ["source", "settled", "settled"]
        monkeypatch.setattr(cuts, "VERSION", cuts.VERSION + 1)
        run_bench(wanted, tmp_path / "report", watch)
        assert painted == ["source", "settled", "settled", "source", "settled"]


@needs_torch
def test_every_method_has_its_row(tmp_path: Path, style: str) -> None:
    chosen = ("frame by frame", "settled", *METHODS)
    wanted, folder = plan(tmp_path, style, chosen), tmp_path / "report"
    with ConsoleWatch() as watch:
        results = run_bench(wanted, folder, watch)
    rows = {row.painter: row.numbers for row in results.rows}
    assert tuple(rows) == chosen and not results.missing
    for name in ("settled", "anchors", "recurrence", "surfaces", "on twos", "on threes"):
        assert rows[name]["warp_error"] < rows["frame by frame"]["warp_error"]
    assert rows["features"]["warp_error_far"] < rows["frame by frame"]["warp_error_far"]
    measured = {numbers["warp_error"] for numbers in rows.values()}
    assert len(measured) == len(chosen) - 1 and rows["settled"]["warp_error"] == rows["surfaces"]["warp_error"]
    markdown = write_report(results, wanted, folder)[0].read_text("utf-8")
    assert all(f"\n| {name} |" in markdown for name in ("settled (surfaces)", *METHODS))


@needs_torch
def test_the_slow_painter_is_measured_where_it_is_asked_for(tmp_path: Path, style: str) -> None:
    assert set(PAINTERS) - set(QUICK_PAINTERS) == {"optimised", "optimised frame by frame", "surfaces"}
    painting = Painting("optimised", style, None, write_clip(tmp_path / "one", [texture(8, 8)]), tmp_path / "painted")
    spent = paint_alone((painting,))
    assert not isinstance(spent, str) and spent.seconds[0] > 0.0
    assert painting.painted.read(0).size == (8, 8)


def test_without_torch_the_slow_painter_is_missing_with_its_reason(
    tmp_path: Path, style: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name == "torch" else found(name, *rest)
    )
    with ConsoleWatch() as watch:
        results = run_bench(plan(tmp_path, style, ("source", "optimised", "features")), tmp_path / "report", watch)
    assert [row.painter for row in results.rows] == ["source"]
    assert "needs torch" in results.missing["optimised"] and "no torch" in results.missing["features"]


def test_a_painter_that_cannot_be_is_missing_with_its_reason(tmp_path: Path, style: str) -> None:
    wanted = plan(tmp_path, style, ("source", "adain"))
    with ConsoleWatch() as watch:
        results = run_bench(wanted, tmp_path / "report", watch)
        markdown, _ = write_report(results, wanted, tmp_path / "report")
        assert [row.painter for row in results.rows] == ["source"] and "--assets" in results.missing["adain"]
        assert "Not measured: AdaIN" in markdown.read_text("utf-8")
        nothing = plan(tmp_path, style, ("adain",))
        with pytest.raises(BrushflowError, match=r"No painter.*--assets"):
            write_report(run_bench(nothing, tmp_path / "report", watch), nothing, tmp_path / "report")


def test_a_picture_is_a_style_and_frames_can_be_left_out(tmp_path: Path) -> None:
    picture = tmp_path / "my painting.png"
    write_frame(picture, Frame(texture(200, 300, 3)))
    wanted = dataclasses.replace(plan(tmp_path, str(picture), ("frame by frame",)), pictures=False)
    with ConsoleWatch() as watch:
        results = run_bench(wanted, tmp_path / "report", watch)
        markdown, page = (path.read_text("utf-8") for path in write_report(results, wanted, tmp_path / "report"))
    assert [row.style for row in results.rows] == ["my painting"] and "## pan, my painting" in markdown
    assert ".jpg" not in markdown and "image/jpeg" not in page


def test_a_plan_with_a_mistake_is_refused_before_anything_is_painted(tmp_path: Path, style: str) -> None:
    with pytest.raises(SettingsError, match=r"rembrandt.*settled"):
        plan(tmp_path, style, ("rembrandt",))
    with pytest.raises(SettingsError, match="height is 9"):
        plan(tmp_path, style, height=9)
    with pytest.raises(SettingsError, match="one name"):
        Plan((tmp_path / "a" / "clip.mp4", tmp_path / "b" / "clip.mov"), (style,), HOUSE, Span(), 64, None)


def test_rows_come_back_as_they_were_and_damaged_ones_are_told(tmp_path: Path) -> None:
    from core.commands.research.rows import NUMBERS

    row = Row("key", "clip", "style", "settled", "pictures/a.jpg", {**dict.fromkeys(NUMBERS, 0.5), "seconds": math.nan})
    store = RowStore(tmp_path, Row)
    store.write("row", row)
    read = store.read("row", "key")
    assert read is not None and math.isnan(read.numbers["seconds"])
    assert {**read.numbers, "seconds": 0} == {**row.numbers, "seconds": 0}
    assert store.read("row", "another key") is None and store.read("nothing", "key") is None
    json.loads((tmp_path / "row.json").read_text("utf-8"), parse_constant=pytest.fail)
    (tmp_path / "row.json").write_text("{}")
    with pytest.raises(MediaError, match="no row of this bench"):
        store.read("row", "key")


def test_a_document_has_the_same_blocks_in_both_forms_and_its_page_needs_no_other_file(tmp_path: Path) -> None:
    (tmp_path / "a.svg").write_text('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><g/></svg>')
    (tmp_path / "a.jpg").write_bytes(b"jpeg")
    blocks = [
        Heading("Report", 1),
        Paragraph("1 < 2 & 3"),
        Table(("", "loss"), (("one", "0.5"),)),
        Plot("drawing", "a.svg"),
        Sheet((("<picture>", "a.jpg"),)),
    ]
    markdown, page = as_markdown(blocks), as_html(blocks, tmp_path)
    assert markdown.startswith("# Report\n\n1 < 2 & 3\n\n|  | loss |\n| --- | ---: |\n| one | 0.5 |\n")
    assert "![drawing](a.svg)" in markdown and "(a.jpg)" in markdown
    body = ElementTree.fromstring(page[page.index("<body>") : page.index("</body>") + 7])
    assert [part.tag.rpartition("}")[2] for part in body] == ["h1", "p", "table", "div", "div"]
    assert "1 &lt; 2 &amp; 3" in page and "&lt;picture&gt;" in page and "anBlZw==" in page
    assert not re.search(r'(src|href)="(?!data:|#)', page)


def test_the_command_writes_the_report_and_two_clips_need_one(repository: Path, style: str, tmp_path: Path) -> None:
    write_clip(tmp_path / "pan", panning(4))
    command = [sys.executable, "-m", "core", "evaluate", str(tmp_path / "pan")]
    bench = ["--styles", style, "--painters", *HOUSE[:2], "--height", "64", "--report", str(tmp_path / "report")]
    done = subprocess.run([*command, *bench], cwd=repository, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[-1] == str(tmp_path / "report" / "report.html")
    page = (tmp_path / "report" / "report.html").read_text("utf-8")
    assert page.count("<svg") == 3 and page.count("data:image/jpeg") == 2
    several = subprocess.run([*command, "other.mp4"], cwd=repository, capture_output=True, text=True, timeout=60)
    assert several.returncode == 1 and "--report" in several.stderr


def test_all_painters_have_names_of_their_own() -> None:
    assert len({file_name(painter) for painter in PAINTERS}) == len(PAINTERS) == 15
