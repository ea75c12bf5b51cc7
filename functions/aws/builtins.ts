// Functions of the language that a Lambda calls often, by names that esbuild can shorten: in an artefact these stand in
// the place of the global names (its option `inject`). None of them reads `this`.

const { entries, freeze, fromEntries, hasOwn } = Object
const { isArray } = Array
const { stringify } = JSON
const { max, min } = Math
const decode = decodeURIComponent
const encode = encodeURIComponent

export {
  entries as 'Object.entries',
  freeze as 'Object.freeze',
  fromEntries as 'Object.fromEntries',
  hasOwn as 'Object.hasOwn',
  isArray as 'Array.isArray',
  stringify as 'JSON.stringify',
  max as 'Math.max',
  min as 'Math.min',
  decode as 'decodeURIComponent',
  encode as 'encodeURIComponent',
}
