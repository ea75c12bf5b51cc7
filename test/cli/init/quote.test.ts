// Strings that init writes into TypeScript, TOML and YAML are read back as they were, whatever they hold.

import { createRequire } from 'node:module'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../../../cli/build.ts'
import { quoteData, quoteScript } from '../../../cli/init/quote.ts'
import { readWorker } from '../../../cli/worker-environments.ts'

const { load } = createRequire(createRequire(join(ROOT, 'package.json')).resolve('osls/package.json'))(
  'js-yaml',
) as { load: (text: string) => unknown }

const HOSTILE = [
  `it's "quoted" \\ and \`so\``,
  '${process.exit(1)} ${env:SECRET} #{x} {{resolve:ssm:x}}',
  '*/ // # -- ]]> </script>',
  'one\ntwo\r\nthree\u2028four\u2029\u0085',
  "'], evil: ['",
  '"\n[vars]\nX = "1"',
  ': - ? & * ! | > %YAML @ ~ null',
  'bidi \u202e\u2066 zero \u200b\ufeff nul \u0000 esc \u001b[2J del \u007f',
  'tag \u{e0041} private \u{f0000} emoji 😀',
  '',
]

test.each(HOSTILE)('a string of a script: %j', (text) => {
  const quoted = quoteScript(text)
  expect(new Function(`'use strict'; return ${quoted}`)()).toBe(text)
  expect(quoted).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}]/u)
})

test('a lone surrogate stays one', () => {
  expect(new Function(`return ${quoteScript('\ud800')}`)()).toBe('\ud800')
})

test.each(HOSTILE)('a string of YAML: %j', (text) => {
  const quoted = quoteData(text)
  expect(load(`{ path: ${quoted}, next: 1 }`)).toEqual({ path: text, next: 1 })
  expect(quoted).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}]/u)
})

test('strings of TOML, as wrangler reads them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lanekeeper-quote-'))
  try {
    const file = join(folder, 'wrangler.toml')
    const lines = HOSTILE.map((text, at) => `V${at} = ${quoteData(text)}`)
    writeFileSync(file, ['name = "x"', '[vars]', ...lines, ''].join('\n'))
    const [top] = await readWorker(file, ROOT)
    expect(top!.settings['vars']).toEqual(Object.fromEntries(HOSTILE.map((text, at) => [`V${at}`, text])))
    expect(readFileSync(file, 'utf8')).not.toContain('\u202e')
  } finally {
    rmSync(folder, { recursive: true })
  }
})
