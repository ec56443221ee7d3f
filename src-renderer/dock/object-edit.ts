/**
 * The editing of one object, without its view. What is saved carries the resourceVersion that the text was made from, so
 * nobody's change is overwritten unseen. When another was faster: changes of what people do not write (the status, bookkeeping) let
 * the save through; others are laid before the user, field by field. The draft outlives reloads until it is saved or thrown away.
 */
import { computed, ref, shallowRef } from 'vue'
import { isConflict } from '../../src-kube/machinery/errors.ts'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { pathText, threeWay, type FieldPath, type TheirChange } from '../api/three-way.ts'
import type { Answer } from '../api/kube.ts'
import { readManifests, toYaml } from '../api/yaml.ts'
import { ownPart, withOwnPart } from './own-part.ts'

/** What an editor of one object reads and writes; `put` answers with what is stored, or the refusal. */
export interface ObjectEditOptions {
  load(): Promise<KubeObject>
  put(object: KubeObject, options: { dryRun: boolean }): Promise<Answer<KubeObject>>
  /** Where the draft is kept, under `draftKey`. */
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>
  draftKey: string
  /** What the text begins with where that is not the object as it is. */
  propose?(object: KubeObject): KubeObject
}

/** What another did to the object since the text was made from it. */
export interface Conflict {
  theirs: KubeObject
  changes: TheirChange[]
}

interface Draft {
  text: string
  base: KubeObject
}

/** Saves that run into nothing but changes of the status are tried again this often. */
const mostRetries = 5

/** The editor of one object: its text, whether it is saved, and what others wrote meanwhile. Nothing is loaded before `open`. */
export function createObjectEdit(options: ObjectEditOptions) {
  const { storage, draftKey } = options
  const state = createState()
  const { text, base, unsaved, conflict } = state
  return {
    ...state,
    open: () => attempt(state, () => open(state, options)),
    /** Writes the draft down, or removes it when there is nothing to lose. */
    keep() {
      if (unsaved.value) storage.setItem(draftKey, JSON.stringify({ text: text.value, base: base.value }))
      else if (base.value) storage.removeItem(draftKey)
    },
    forget: () => storage.removeItem(draftKey),
    save: () => attempt(state, () => send(state, options, { dryRun: false })),
    dryRun: () => attempt(state, () => send(state, options, { dryRun: true })),
    /** Puts both changes into one text, upon theirs; nothing is saved yet. */
    merge: () => attempt(state, () => merge(state)),
    /** Takes what stands on the server; the editor's undo brings mine back. */
    discard: () => take(state, conflict.value!.theirs),
  }
}

function createState() {
  const text = ref('')
  /** The object the text was made from. */
  const base = shallowRef<KubeObject>()
  const baseText = computed(() => (base.value ? toYaml(base.value) : ''))
  return {
    text,
    base,
    baseText,
    unsaved: computed(() => base.value !== undefined && text.value !== baseText.value),
    conflict: shallowRef<Conflict>(),
    /** Mine or theirs, by the text of the path; mine where nothing is chosen. */
    choices: ref<Record<string, 'mine' | 'theirs'>>({}),
    problem: ref(''),
    note: ref<'' | 'restored' | 'valid' | 'saved' | 'merged'>(''),
    busy: ref(false),
  }
}

type State = ReturnType<typeof createState>

/** Runs something with the buttons off and failures said in their own words; the text stays as it is. */
async function attempt({ busy, problem, note }: State, run: () => Promise<void> | void): Promise<void> {
  busy.value = true
  problem.value = note.value = ''
  try {
    await run()
  } catch (error) {
    problem.value = error instanceof Error ? error.message : String(error)
  } finally {
    busy.value = false
  }
}

async function open(
  { base, text, note }: State,
  { load, storage, draftKey, propose }: ObjectEditOptions,
): Promise<void> {
  const kept = storage.getItem(draftKey)
  const draft = kept ? (JSON.parse(kept) as Draft) : undefined
  const object = draft?.base ?? (await load())
  base.value = object
  text.value = draft?.text ?? toYaml(propose ? propose(object) : object)
  if (draft) note.value = 'restored'
}

function take({ base, text, conflict, choices }: State, object: KubeObject): void {
  base.value = object
  text.value = toYaml(object)
  conflict.value = undefined
  choices.value = {}
}

function written({ text }: State): KubeObject {
  const [document, more] = readManifests(text.value)
  if (!document?.object || more) throw new Error(document?.problem ?? 'The text must be exactly one object.')
  return document.object
}

/** Mine and theirs, laid upon what both began with. */
function together({ base, choices }: State, mine: KubeObject, theirs: KubeObject) {
  const choose = (path: FieldPath): 'mine' | 'theirs' => choices.value[pathText(path)] ?? 'mine'
  return threeWay(ownPart(base.value!), ownPart(mine), ownPart(theirs), choose)
}

async function send(state: State, { load, put }: ObjectEditOptions, { dryRun }: { dryRun: boolean }): Promise<void> {
  const object = written(state)
  let revision = object.metadata.resourceVersion ?? state.base.value!.metadata.resourceVersion
  for (let tries = 0; ; tries++) {
    const metadata = { ...object.metadata, ...(revision ? { resourceVersion: revision } : {}) }
    try {
      const saved = await put({ ...object, metadata }, { dryRun })
      state.note.value = dryRun ? 'valid' : 'saved'
      state.problem.value = saved.warnings.join(' ')
      if (!dryRun) take(state, saved.object)
      return
    } catch (error) {
      if (!isConflict(error) || tries === mostRetries) throw error
      const theirs = await load()
      if (isLaidOpen(state, object, theirs)) return
      revision = theirs.metadata.resourceVersion
    }
  }
}

/** Lays open what another changed; false when none of it concerns what people write. */
function isLaidOpen(state: State, mine: KubeObject, theirs: KubeObject): boolean {
  const { changes } = together(state, mine, theirs)
  if (changes.length > 0) state.conflict.value = { theirs, changes }
  return changes.length > 0
}

function merge(state: State): void {
  const { theirs } = state.conflict.value!
  const { value } = together(state, written(state), theirs)
  take(state, withOwnPart(theirs, value as KubeObject))
  state.base.value = theirs
  state.note.value = 'merged'
}
