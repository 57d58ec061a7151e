using Caravan.Kernels;

namespace Caravan.Formats;

/// <summary>What a PyTorch file holds, before any tensor is looked at.</summary>
/// <param name="Root">The object that was saved.</param>
/// <param name="Bytes">Finds the bytes of a storage; throws when the file has none under its key.</param>
internal sealed record TorchContent(object? Root, Func<TorchStorage, NativeSpan<byte>> Bytes);
