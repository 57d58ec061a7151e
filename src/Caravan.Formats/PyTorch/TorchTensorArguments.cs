namespace Caravan.Formats;

/// <summary>The argument lists by which torch describes tensors and storages; null when a list is not such.</summary>
/// <remarks>Source: PyTorch, <c>torch/_utils.py</c> (<c>_rebuild_tensor*</c>) and <c>torch/serialization.py</c> (persistent ids).</remarks>
internal static class TorchTensorArguments
{
    /// <summary>
    /// <c>('storage', type, key, location, elements)</c>; the legacy format appends a view of another storage, which PyTorch has
    /// not written since 0.4 and which must be None here.
    /// </summary>
    public static TorchStorage? Storage(object? id) =>
        id is object?[] and
            ["storage", PickleGlobal { Kind: PickleGlobalKind.Storage, DType: { } type }, string key, _, long elements, .. [] or [null]]
            ? new TorchStorage(key, type, elements)
            : null;

    /// <summary><c>(storage, offset, size, stride)</c>, then in version 2 <c>requires_grad, hooks[, metadata]</c>.</summary>
    public static TorchTensor? Tensor(object?[] arguments) =>
        arguments is [TorchStorage storage, long offset, object?[] size, object?[] stride, .. object?[] rest]
        && Integers(size) is { } shape && Integers(stride) is { } strides
            ? new TorchTensor(storage, storage.DType, storage.DType.ToString(), offset, shape, strides, Negated(rest.ElementAtOrDefault(2)))
            : null;

    /// <summary>Version 3: <c>(storage, offset, size, stride, requires_grad, hooks, dtype[, metadata])</c> over an untyped storage.</summary>
    public static TorchTensor? TypedTensor(object?[] arguments) =>
        arguments is [TorchStorage, _, _, _, _, _, PickleGlobal { Kind: PickleGlobalKind.ElementType } type, .. object?[] rest]
        && Tensor(arguments[..4]) is { } tensor
            ? tensor with { DType = type.DType, TypeName = type.Name, Negated = Negated(rest.ElementAtOrDefault(0)) }
            : null;

    private static long[]? Integers(object?[] items)
    {
        long[] result = new long[items.Length];
        for (int i = 0; i < result.Length; i++)
        {
            if (items[i] is not long number) return null;
            result[i] = number;
        }

        return result;
    }

    private static bool Negated(object? metadata) => metadata is PickleDictionary dictionary && dictionary.Find("neg") is true;
}
