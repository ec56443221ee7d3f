/** The editor's worker (diffs, links), a file of its own because the content security policy allows no other. */
import 'monaco-editor/editor/editor.worker.js'
