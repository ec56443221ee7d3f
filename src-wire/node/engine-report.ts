/** Resolves when the engine's report of a task ends; throws the error that is in it, since its HTTP answer was long begun by then. */
export async function reported(progress: NodeJS.ReadableStream): Promise<void> {
  let rest = ''
  for await (const chunk of progress.setEncoding('utf8')) {
    const lines = (rest + String(chunk)).split('\n')
    rest = lines.pop() ?? ''
    lines.forEach(throwErrorOf)
  }
  throwErrorOf(rest)
}

function throwErrorOf(line: string): void {
  if (line.trim() === '') return
  const { error } = JSON.parse(line) as { error?: string }
  if (error !== undefined) throw new Error(error)
}
