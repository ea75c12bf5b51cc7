// How much of an artefact each part is: the bytes of the modules that only this part brings.

import type { Metafile } from 'esbuild'
import { ENTRY_FILE } from './bundle.ts'
import type { PartModule } from './entry.ts'

/** Bytes of every module in the outputs. */
function bytesByModule({ outputs }: Metafile): ReadonlyMap<string, number> {
  const bytes = new Map<string, number>()
  for (const { inputs } of Object.values(outputs))
    for (const [name, { bytesInOutput }] of Object.entries(inputs))
      bytes.set(name, (bytes.get(name) ?? 0) + bytesInOutput)
  return bytes
}

/** The modules that the entry reaches without passing through `left`. */
function reachedWithout({ inputs }: Metafile, left: string | null): ReadonlySet<string> {
  const entry = Object.keys(inputs).find((name) => name === ENTRY_FILE)!
  const reached = new Set([entry])
  for (const name of reached)
    for (const { path } of inputs[name]?.imports ?? [])
      if (path !== left && Object.hasOwn(inputs, path)) reached.add(path)
  return reached
}

/** The bytes that the artefact would lack without a part. */
export function ownBytes(metafile: Metafile, { path }: PartModule): number {
  const module = Object.keys(metafile.inputs).find((name) => name.replace(/\.[jt]s$/, '').endsWith(path))
  if (module === undefined) return 0
  const bytes = bytesByModule(metafile)
  const kept = reachedWithout(metafile, module)
  return [...bytes].reduce((sum, [name, size]) => (kept.has(name) ? sum : sum + size), 0)
}

/** The files that are read when an instance starts: the entry, and what it imports statically. */
export function filesAtStart({ outputs }: Metafile): readonly string[] {
  const read = new Set(Object.keys(outputs).filter((file) => outputs[file]!.entryPoint === ENTRY_FILE))
  for (const file of read)
    for (const { path, kind } of outputs[file]?.imports ?? [])
      if (kind === 'import-statement' && Object.hasOwn(outputs, path)) read.add(path)
  return [...read]
}
