/**
 * Any part of a `T`, at any depth: fields may be missing, lists hold parts, and functions answer with a part or with nothing. What is there must be as
 * `T` has it, so that a fake follows when `T` changes.
 */
export type Part<T> = T extends (...given: infer Given) => infer Answer
  ? { method(...given: Given): Part<Answer> | Nothing<Answer> }['method']
  : T extends Promise<infer Value>
    ? Promise<Part<Value>>
    : T extends ReadonlyArray<infer Item>
      ? ReadonlyArray<Part<Item>>
      : T extends object
        ? { [Field in keyof T]?: Part<T[Field]> | undefined }
        : T

type Nothing<Answer> = Answer extends Promise<unknown> ? Promise<unknown> : void

/** A fake of which a test states only what the code in question looks at; looking at anything else finds `undefined`. What it stands for is named, or what its place asks for. */
export function partial<T>(known: NoInfer<Part<T>>): T {
  return known as T
}
