# SPDX-License-Identifier: GPL-3.0-or-later
"""The buttons. Each calls one function, turns its outcome into a report, and ends."""

from pathlib import Path
from typing import Any, ClassVar

import bpy
from bpy.props import BoolProperty, FloatProperty, StringProperty

from .. import preferences, properties
from ..actions import choices, stylize, train_style
from ..actions.press import press
from ..core_link import errors, settings
from ..jobs.job_state import Stage
from ..jobs.queue import QUEUE
from ..jobs.timer import redraw
from ..timeline import strips


def has_timeline(cls: Any, context: Any) -> bool:
    """For a button's poll: True where there is a timeline; says what is missing otherwise."""
    scene = strips.timeline_scene(context)
    if scene is None or scene.sequence_editor is None:
        cls.poll_message_set("There is no timeline; add a strip in the sequencer first")
        return False
    return True


class _OnTimeline:
    """Buttons that need a timeline."""

    @classmethod
    def poll(cls, context: Any) -> bool:
        """True when there is a timeline with a selected strip; says what is missing otherwise."""
        if not has_timeline(cls, context):
            return False
        scene = strips.timeline_scene(context)
        if not any(strip.select for strip in strips.displayed(scene.sequence_editor)):
            cls.poll_message_set("Select the strips to paint")
            return False
        return True


class BRUSHFLOW_OT_stylize(_OnTimeline, bpy.types.Operator):
    """Paint the selected strips in the chosen style; the result is laid over each as an image strip"""

    bl_idname = "brushflow.stylize"
    bl_label = "Stylize"
    bl_options: ClassVar[set[str]] = {"UNDO"}  # not REGISTER: "Adjust Last Operation" would start it again

    style: StringProperty(
        name="Style",
        description="Identifier of a style, or path of a picture; empty: what is chosen in the panel",
        options={"SKIP_SAVE"},
    )

    def execute(self, context: Any) -> set[str]:
        """Starts painting; in background mode also waits for its end."""
        return press(self, lambda: stylize.start(context, self.style))


class BRUSHFLOW_OT_train_style(bpy.types.Operator):
    """Learn a style of your own from a picture, practised on the selected movie strip; it joins the list of styles"""

    bl_idname = "brushflow.train_style"
    bl_label = "Train This Style…"

    filepath: StringProperty(name="Picture", subtype="FILE_PATH", options={"SKIP_SAVE"})
    filter_image: BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})
    filter_folder: BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})
    title: StringProperty(
        name="Name", description="What to call the style; empty: after the picture", options={"SKIP_SAVE"}
    )
    minutes: FloatProperty(
        name="Minutes",
        description="How long to learn; a training that was stopped goes on where it was",
        default=15.0,
        min=settings.TRAINING_MINUTES_RANGE[0],
        max=settings.TRAINING_MINUTES_RANGE[1],
        soft_min=5.0,
        soft_max=60.0,
        precision=1,
    )
    fresh: BoolProperty(
        name="Start Anew",
        description="Forget what was learnt under this name, and replace a style of this name",
        options={"SKIP_SAVE"},
    )

    @classmethod
    def poll(cls, _context: Any) -> bool:
        """True when a Python with torch is named; says how to name one otherwise."""
        try:
            is_named = preferences.torch_python() is not None
        except errors.BrushflowError:
            is_named = False
        if not is_named:
            cls.poll_message_set(train_style.NAME_A_PYTHON)
        return is_named

    def draw(self, _context: Any) -> None:
        """The choices beside the files."""
        for name in ("title", "minutes", "fresh"):
            self.layout.prop(self, name)

    def invoke(self, context: Any, _event: Any) -> set[str]:
        """Asks for the picture."""
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: Any) -> set[str]:
        """Starts the training; in background mode also waits for its end."""
        try:
            minutes = round(self.minutes, 4)  # Blender stores 0.05 as 0.0500000007
            job = train_style.start(context, self.filepath, self.title, minutes=minutes, fresh=self.fresh)
        except errors.BrushflowError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        if bpy.app.background:
            QUEUE.run_blocking()
            if job.state.stage is Stage.FAILED:
                self.report({"ERROR"}, f"{job.state.sentence} {job.state.hint}".strip())
        return {"FINISHED"}


class BRUSHFLOW_OT_use_picture(bpy.types.Operator):
    """Choose any painting, drawing or photograph as the style"""

    bl_idname = "brushflow.use_picture"
    bl_label = "Use a Picture"
    bl_options: ClassVar[set[str]] = {"UNDO"}

    filepath: StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE"})
    filter_image: BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})
    filter_folder: BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})
    relative_path: BoolProperty(
        name="Relative Path", description="Store the path relative to the .blend", default=True, options={"SKIP_SAVE"}
    )

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Where there is a timeline's scene to keep the choice."""
        return strips.timeline_scene(context) is not None

    def invoke(self, context: Any, _event: Any) -> set[str]:
        """Opens the file browser where the last picture lies."""
        self.filepath = strips.timeline_scene(context).brushflow.picture_path()
        self.relative_path = context.preferences.filepaths.use_relative_paths
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: Any) -> set[str]:
        """Keeps the picture's path and makes it the style."""
        path = properties.absolute(self.filepath)
        try:
            choices.check_picture(Path(path))
        except errors.BrushflowError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        strips.timeline_scene(context).brushflow.use_picture(path, relative=self.relative_path)
        redraw()
        return {"FINISHED"}


class BRUSHFLOW_OT_cancel(bpy.types.Operator):
    """Stop painting or training; what is done stays, and the same button goes on from there"""

    bl_idname = "brushflow.cancel"
    bl_label = "Cancel"
    bl_options: ClassVar[set[str]] = {"REGISTER"}

    @classmethod
    def poll(cls, _context: Any) -> bool:
        """True while something is being done; Esc is everybody's key otherwise."""
        if not QUEUE.is_busy:
            cls.poll_message_set("Nothing is being painted")
        return QUEUE.is_busy

    def execute(self, _context: Any) -> set[str]:
        """Stops every job."""
        QUEUE.cancel_all()
        redraw()
        self.report({"INFO"}, "Cancelled; what is done is kept")
        return {"FINISHED"}


class BRUSHFLOW_OT_clear(_OnTimeline, bpy.types.Operator):
    """Remove the painted result of the selected strips from the timeline"""

    bl_idname = "brushflow.clear"
    bl_label = "Clear Result"
    bl_options: ClassVar[set[str]] = {"REGISTER", "UNDO"}

    delete_frames: BoolProperty(
        name="Delete Painted Frames",
        description="Also delete the pictures from disk, which cannot be undone; what another strip shows is kept",
        options={"SKIP_SAVE"},
    )

    def invoke(self, context: Any, _event: Any) -> set[str]:
        """Asks whether the pictures are to go too."""
        return context.window_manager.invoke_props_dialog(self, confirm_text="Clear")

    def execute(self, context: Any) -> set[str]:
        """Removes the results."""
        try:
            count = stylize.clear(strips.timeline_scene(context), delete_frames=self.delete_frames)
        except errors.BrushflowError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        if not count:
            self.report({"INFO"}, "The selected strips have no painted result")
            return {"CANCELLED"}
        redraw()
        return {"FINISHED"}


class BRUSHFLOW_OT_open_log(bpy.types.Operator):
    """Open the log of the process that failed"""

    bl_idname = "brushflow.open_log"
    bl_label = "Open Log"

    @classmethod
    def poll(cls, _context: Any) -> bool:
        """True when the last error has a log."""
        has_log = QUEUE.notice is not None and bool(QUEUE.notice.log)
        if not has_log:
            cls.poll_message_set("There is no log of an error")
        return has_log

    def execute(self, _context: Any) -> set[str]:
        """Opens it with the system's text editor."""
        assert QUEUE.notice is not None
        bpy.ops.wm.path_open(filepath=QUEUE.notice.log)
        return {"FINISHED"}


class BRUSHFLOW_OT_tell(bpy.types.Operator):
    """Show an error, or a warning, that came from background work"""

    bl_idname = "brushflow.tell"
    bl_label = "Brushflow Error"
    bl_options: ClassVar[set[str]] = {"INTERNAL"}

    message: StringProperty(options={"SKIP_SAVE"})
    kind: StringProperty(default="ERROR", options={"SKIP_SAVE"})

    def execute(self, _context: Any) -> set[str]:
        """Reports it."""
        self.report({self.kind}, self.message)
        return {"CANCELLED"}

    def invoke(self, context: Any, _event: Any) -> set[str]:
        """Reports it."""
        return self.execute(context)


_CLASSES = (
    BRUSHFLOW_OT_stylize,
    BRUSHFLOW_OT_train_style,
    BRUSHFLOW_OT_use_picture,
    BRUSHFLOW_OT_cancel,
    BRUSHFLOW_OT_clear,
    BRUSHFLOW_OT_open_log,
    BRUSHFLOW_OT_tell,
)
_keys: list[tuple[Any, Any]] = []


def register() -> None:
    """Adds the operators, and Esc for Cancel.

    A key with a poll, not a modal operator: it listens to nothing while nothing is painted, lets every other use of
    Esc go first, and does not hold up Blender's autosave as a long-running modal operator does.
    """
    for cls in _CLASSES:
        bpy.utils.register_class(cls)
    configuration = bpy.context.window_manager.keyconfigs.addon
    if configuration is not None:  # there is none in background mode
        keymap = configuration.keymaps.new(name="Window")
        _keys.append((keymap, keymap.keymap_items.new("brushflow.cancel", "ESC", "PRESS")))


def unregister() -> None:
    """Takes them away again."""
    for keymap, item in reversed(_keys):
        keymap.keymap_items.remove(item)
    _keys.clear()
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
