# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: ``python -m core COMMAND``.

stylize | styles | train-style | evaluate | study | motion-study | shots-study | settle-study | bench | self-test |
worker
"""

from __future__ import annotations

import argparse
import collections
import sys
from collections.abc import Sequence
from pathlib import Path

from .errors import BrushflowError, Cancelled


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit status: 0 well, 1 an error that was told, 130 stopped by Ctrl-C."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except BrushflowError as error:
        print(f"brushflow: {error}", file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        print(f"brushflow: this command needs the package {error.name}; run `make` in the project.", file=sys.stderr)
        return 1
    except (KeyboardInterrupt, Cancelled) as stopped:
        kept = str(stopped) or "Finished frames are kept; run the same command to go on."
        print(f"brushflow: stopped. {kept}", file=sys.stderr)
        _forget_ctrl_c()
        return 130


def _forget_ctrl_c() -> None:
    """Let the exit status be ours. When Ctrl-C comes while Python runs a text as code, as it does for the named tuples
    and dataclasses of an import, ``python -m`` dies of the signal in the end, however well it was met; the next text
    that runs to its end makes it forget."""
    collections.namedtuple("Forgotten", ())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m core", description="Paints clips in the style of a picture.")
    commands = parser.add_subparsers(required=True, metavar="command")
    _add_stylize(commands.add_parser("stylize", help="paint a movie or a folder of pictures"))
    styles = commands.add_parser("styles", help="list the style presets and your own styles")
    _add_styles_folder(styles)
    styles.set_defaults(run=_styles)
    _add_train_style(commands.add_parser("train-style", help="train a style of your own from one picture"))
    evaluate = commands.add_parser("evaluate", help="measure coherence, style and sharpness on a clip")
    _add_evaluate(evaluate)
    _add_study(commands.add_parser("study", help="compare ways to teach and to shrink a painter"))
    _add_motion_study(commands.add_parser("motion-study", help="measure flow against exact motion"))
    _add_settle_study(commands.add_parser("settle-study", help="compare ways to hold strokes on things"))
    _add_shots_study(commands.add_parser("shots-study", help="measure how well shots are told apart"))
    _add_bench(commands.add_parser("bench", help="measure speed beside Johnson's network"))
    self_test = commands.add_parser("self-test", help="paint one picture and say what this machine can do")
    self_test.set_defaults(run=_self_test)
    worker = commands.add_parser("worker", help="serve Blender over stdin and stdout")
    worker.set_defaults(run=_worker)
    return parser


def _add_stylize(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="IN", help="a movie, or a folder of pictures")
    parser.add_argument("target", metavar="OUT", help="a movie (the sound is copied), or a folder for PNG files")
    _add_painting(parser)
    parser.add_argument("--strength", default="1", help='a number, or keys such as "0:0 48:1 96:0.4" (frame:strength)')
    parser.add_argument("--range", dest="span", help="FIRST:STOP, frames of IN counted from 0; STOP is left out")
    parser.add_argument("--cache", help="folder that keeps the work of each stage (default: the user's cache folder)")
    _add_styles_folder(parser)
    _add_master(parser)
    parser.set_defaults(run=_stylize)


def _add_master(parser: argparse.ArgumentParser) -> None:
    text = "draft, final (the default), or master: every frame is optimised (needs torch)"
    parser.add_argument("--quality", default="final", help=text)
    master = parser.add_argument_group("quality master")
    master.add_argument(
        "--loss-network", default="distilled-pictures", help="distilled-pictures (the project's own), vgg19:FILE …"
    )
    master.add_argument("--iterations", type=int, default=16, help="steps at full size for a new frame (default: 16)")
    master.add_argument("--passes", type=int, default=1, help="how often a shot is gone through (default: 1)")


def _add_styles_folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--styles", help="folder of your own styles (default: in the user's data folder)")


def _add_train_style(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("picture", metavar="PICTURE", help="the picture whose style is to be learnt")
    parser.add_argument("--name", help="what to call the style (default: the picture's file name)")
    parser.add_argument("--footage", help="a movie or a folder of pictures of yours to practise on")
    parser.add_argument("--minutes", type=float, default=15.0, help="how long to train (default: 15)")
    parser.add_argument("--steps", type=int, help="train exactly so many steps instead")
    parser.add_argument("--assets", help="folder of photographs and other loss networks; not needed")
    parser.add_argument("--loss-network", default="distilled", help="distilled (the project's own), vgg19 …")
    parser.add_argument("--learning-rate", type=float, default=0.01, help="lower it where a training diverges")
    parser.add_argument("--device", default="cpu", help="cpu, cuda or mps")
    parser.add_argument("--fresh", action="store_true", help="forget an unfinished training, replace a finished style")
    _add_styles_folder(parser)
    parser.set_defaults(run=_train_style)


def _add_evaluate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("sources", nargs="+", metavar="IN", help="a movie, or a folder of pictures")
    _add_painting(parser)
    parser.add_argument("--assets", help="folder of loss network, style pictures and peers, to measure with them too")
    parser.add_argument("--style-picture", metavar="FILE", help="what a style of your own is measured against")
    parser.add_argument("--range", dest="span", help="FIRST:STOP, frames of IN counted from 0")
    bench = parser.add_argument_group("the research bench: painters x styles x clips, each painter with its defaults")
    bench.add_argument("--report", metavar="FOLDER", help="measure all and write a report there; goes on if stopped")
    bench.add_argument("--styles", nargs="+", metavar="STYLE", help="presets or pictures (default: --style)")
    bench.add_argument(
        "--painters", nargs="+", metavar="PAINTER", help="some by name (default: all but the slow, optimised)"
    )
    bench.add_argument("--no-pictures", action="store_true", help="leave frames out of the report")
    bench.add_argument("--height", type=int, default=360, help="height at which all paint, in pixels (default: 360)")
    parser.set_defaults(run=_evaluate, quality="final")


def _add_study(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--assets", required=True, help="folder of photographs, clips, style pictures and weights")
    parser.add_argument("--out", required=True, metavar="FOLDER", help="for study.md; goes on if stopped")
    parser.add_argument("--steps", type=int, default=80, help="length of each training (default: 80)")
    parser.add_argument("--seeds", type=int, default=1, help="trainings of a kind (default: 1)")
    parser.add_argument("--styles", nargs="+", default=["starry-night"], metavar="STYLE", help="presets to learn")
    parser.add_argument("--loss-networks", nargs="+", metavar="NAME", help="NAME or NAME:FILE (default: all)")
    parser.add_argument("--clip", metavar="IN", help="what warp errors are measured on (default: one of the assets)")
    parser.set_defaults(run=_study)


def _add_motion_study(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--truth", default="build/truth", help="the scenes of demo/make_truth.py (build/truth)")
    parser.add_argument("--out", default="docs/motion.md", metavar="FILE", help="the report (default: docs/motion.md)")
    parser.add_argument("--weights", nargs="+", metavar="NAME=FILE", help="RAFT's weights: raft-small=FILE …")
    parser.set_defaults(run=_motion_study)


def _add_settle_study(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("sources", nargs="*", metavar="IN[@FIRST:STOP]", help="movies, or folders of pictures")
    parser.add_argument("--assets", help="folder of loss network and style pictures; clips need it")
    parser.add_argument("--truth", nargs="+", metavar="FOLDER", help="scenes of demo/make_truth.py to measure on, too")
    parser.add_argument("--out", required=True, metavar="FOLDER", help="for settling.md and its pictures")
    parser.add_argument("--style", default="starry-night", help="a style (see `styles`), or any picture's file")
    parser.add_argument("--ways", nargs="+", metavar="WAY", help="some of those in the report (default: all)")
    parser.add_argument("--height", type=int, default=360, help="most pixels of height (default: 360)")
    parser.set_defaults(run=_settle_study)


def _add_shots_study(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--assets", help="folder with clips, to measure on real ones too")
    parser.add_argument("--out", default="docs/shots.md", metavar="FILE", help="the report (default: docs/shots.md)")
    parser.set_defaults(run=_shots_study)


def _add_bench(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="IN", help="a movie, or a folder of pictures")
    parser.add_argument("--style", default="starry-night", help="a style (see `styles`), or any picture's file")
    parser.add_argument("--frames", type=int, default=48, help="how many frames to paint")
    parser.set_defaults(run=_bench)


def _add_painting(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--style", default="starry-night", help="a style (see `styles`), or any picture's file")
    parser.add_argument("--brush-size", type=float, default=1.0, help="width of the strokes in the picture, 0.5 … 4")
    parser.add_argument("--clarity", type=float, default=0.0, help="how much of the source is seen, 0 … 1")
    parser.add_argument("--colour-lock", type=float, default=0.0, help="how far the source's colours are kept, 0 … 1")
    parser.add_argument("--stability", type=float, default=1.0, help="how firmly strokes stay on things, 0 … 1")
    parser.add_argument(
        "--hold-strokes", default="surfaces", help="surfaces, or painted anew on threes, twos or every-frame"
    )
    parser.add_argument(
        "--settling", default="surfaces", help="surfaces, or to compare: anchors, recurrence, features, frames"
    )
    parser.add_argument("--anchor-spacing", type=int, default=8, help="frames between wholly new paintings, 1 … 24")
    parser.add_argument("--engine", default="auto", help="auto, opencv or torch")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")
    parser.add_argument("--flow", default="dis", help="dis, dis-fast, dis-fine, raft-small or raft-large (need torch)")
    parser.add_argument("--flow-weights", metavar="FILE", help="RAFT's weights (default: torchvision fetches its own)")


def _stylize(options: argparse.Namespace) -> int:
    from .commands.stylize import stylize_file

    stylize_file(options)
    return 0


def _styles(options: argparse.Namespace) -> int:
    from .styles.weights import ModelLibrary

    library = ModelLibrary(user_folder=_own_styles(options.styles))
    for record in library.style_records():
        print(f"{record['id']:20} {record['title']}, {record['artist']}, {record['year']}")
    own, problems = library.user_styles()
    for style in own:
        print(f"{style.identifier:20} {style.title}, your own, from {style.source}")
    for problem in problems:
        print(f"brushflow: {problem}", file=sys.stderr)
    return 0


def _own_styles(named: str | None) -> Path | None:
    """The folder of the editor's styles; the zip, which has no platformdirs, knows only what is named."""
    try:
        from .commands.styles_folder import styles_folder
    except ModuleNotFoundError:
        return Path(named) if named else None
    return styles_folder(named)


def _train_style(options: argparse.Namespace) -> int:
    from .commands.train_style import train_style_from

    train_style_from(options)
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    from .commands.evaluate import evaluate

    evaluate(options)
    return 0


def _study(options: argparse.Namespace) -> int:
    from .commands.study.command import study_from

    study_from(options)
    return 0


def _motion_study(options: argparse.Namespace) -> int:
    from .commands.motion.study import motion_study_from

    motion_study_from(options)
    return 0


def _settle_study(options: argparse.Namespace) -> int:
    from .commands.settle_study import settle_study

    settle_study(options)
    return 0


def _shots_study(options: argparse.Namespace) -> int:
    from .commands.shots_study.study import shots_study_from

    shots_study_from(options)
    return 0


def _bench(options: argparse.Namespace) -> int:
    from .commands.bench import bench_file

    bench_file(options)
    return 0


def _self_test(_: argparse.Namespace) -> int:
    from .self_test import self_test

    self_test()
    return 0


def _worker(_: argparse.Namespace) -> int:
    from .worker.serve import main as serve

    return serve()
