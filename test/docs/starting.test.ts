// docs/starting.md: its options are those of `lanekeeper init`, and its examples write the files that the page names.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runCommand } from '../../cli/commands.ts'
import { createCommandIo } from '../support/command-io.ts'
import { readTable } from '../support/markdown.ts'

const PATH = join(import.meta.dirname, '../../docs/starting.md')
const PAGE = readFileSync(PATH, 'utf8')

/** The arguments of each `npx lanekeeper init` with options, as a shell reads them. */
const EXAMPLES = [...PAGE.matchAll(/^ {4}npx lanekeeper (init (?:[^\n]*\\\n)+[^\n]*)$/gm)].map(
  ([, text = '']) =>
    [...text.replaceAll('\\\n', ' ').matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word!),
)

test('the options are those of lanekeeper init', async () => {
  const { io, kept } = createCommandIo()
  await runCommand(['init', '--help'], io)
  const offered = [...kept.printed.join('\n').matchAll(/^ {2}(--[a-z-]+(?: [A-Z]+)?) /gm)].map(
    ([, name]) => name,
  )
  const listed = readTable(PATH, 'option', 'meaning').map(({ option }) => option)
  expect([...listed, '--help']).toEqual(offered)
})

test.each(EXAMPLES.map((args) => [args]))('%j writes files that the page names', async (args) => {
  const cwd = mkdtempSync(join(tmpdir(), 'lanekeeper-starting-'))
  try {
    const { io, kept } = createCommandIo({ cwd })
    // Auth0 without its slash is for the metadata to correct.
    const offline = args.map((each) => each.replace(/auth0\.com$/, '$&/').replace(/5{12}$/, '$&/v2.0'))
    expect([await runCommand([...offline, '--offline', '--json'], io), kept.errors]).toEqual([0, []])
    const { files } = JSON.parse(kept.printed.join()) as { files: { path: string }[] }
    for (const { path } of files) expect(PAGE).toContain(`\`${path}\``)
  } finally {
    rmSync(cwd, { recursive: true })
  }
})

test('there are three examples', () => expect(EXAMPLES).toHaveLength(3))
