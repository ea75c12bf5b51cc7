// The package has no types; this is what is used of it.

declare module 'workerd' {
  const workerd: { readonly default: string }
  export default workerd
}
