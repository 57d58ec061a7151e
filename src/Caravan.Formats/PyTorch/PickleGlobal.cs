using Caravan.Kernels;

namespace Caravan.Formats;

/// <summary>A Python name that a checkpoint may mention. It is a label that Caravan interprets itself; no Python object stands behind it.</summary>
/// <param name="Name">The dotted name.</param>
/// <param name="Kind">What Caravan does when the pickle calls it.</param>
/// <param name="DType">The element type of storages and dtypes; null for untyped storages and for types Caravan does not read.</param>
internal sealed record PickleGlobal(string Name, PickleGlobalKind Kind, DType? DType = null);
