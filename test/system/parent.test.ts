// A command that npm has started ends with npm, which ends the shell between the two, and nothing else.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { ROOT } from '../../cli/build.ts'

const MODULE = pathToFileURL(join(ROOT, 'cli/parent.ts')).href

const COMMAND = `import { watchParent } from '${MODULE}'
watchParent(() => { console.log('the parent has ended'); process.exit(0) })
setInterval(() => {}, 1_000)
process.stdin.on('data', () => console.log('running')).unref()
console.log('started')`

test('is told that its parent has ended, and not before', async () => {
  const args = ['-c', '"$0" --input-type=module -e "$1" <&3 & wait', process.execPath, COMMAND]
  const shell = spawn('sh', args, { stdio: ['ignore', 'pipe', 'inherit', 'pipe'] })
  const lines = createInterface(shell.stdout!)[Symbol.asyncIterator]()
  const next = async () => (await lines.next()).value as string
  expect(await next()).toBe('started')
  const input = shell.stdio[3] as NodeJS.WritableStream
  input.write('?')
  expect(await next()).toBe('running')
  const ended = once(shell, 'exit')
  shell.kill('SIGTERM')
  await ended
  expect(await next()).toBe('the parent has ended')
})
