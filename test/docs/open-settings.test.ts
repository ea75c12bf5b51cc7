// The table of settings whose values may be missing when a configuration is built.

import { test } from 'vitest'
import { OPEN_SETTINGS } from '../../shared/config/open-settings.ts'
import { expectTable, table } from './made-table.ts'

/** The beginnings of paths; a setting stands in the row of the first one that it has. */
const SECTIONS = ['issuers.NAME.', 'resources[].', 'origin.', '']

test('docs/configuration.md names every setting that may be open', async () => {
  const sectionOf = (path: string) => SECTIONS.find((section) => path.startsWith(section))!
  const rows = SECTIONS.map((section) => [
    section === '' ? '' : `\`${section.slice(0, -1)}\``,
    OPEN_SETTINGS.filter((path) => sectionOf(path) === section)
      .map((path) => `\`${path.slice(section.length)}\``)
      .join(', '),
  ])
  await expectTable('docs/configuration.md', 'open settings', table(['section', 'settings'], rows))
})
