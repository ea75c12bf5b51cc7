// The package has no types; these are the parts that the bench uses.

declare module 'workerd' {
  const workerd: { readonly default: string }
  export default workerd
}
