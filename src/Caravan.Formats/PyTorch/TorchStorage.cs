using Caravan.Kernels;

namespace Caravan.Formats;

/// <summary>A storage as a pickle names it: the bytes lie elsewhere in the file, under the key.</summary>
/// <param name="Key">The number or name under which the file keeps the bytes.</param>
/// <param name="DType">The element type in which <paramref name="Elements"/> is counted.</param>
/// <param name="Elements">How many elements the pickle says the storage has; not yet checked.</param>
internal sealed record TorchStorage(string Key, DType DType, long Elements);
