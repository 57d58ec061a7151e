using System.Collections.Immutable;
using Caravan.Kernels;

namespace Caravan.Formats;

/// <summary>
/// Turns torch's descriptions of tensors into entries: every extent is checked against its storage; contiguous tensors are views of the
/// file, others (transposed, expanded) are copied row by row into memory of their own, within a limit set by the size of the file.
/// </summary>
internal sealed class TorchTensors(string path, TorchContent content, long fileBytes, ICollection<IDisposable> owned)
{
    // Expanded tensors repeat few elements many times, so a hostile file could ask for any amount.
    private long copyBudget = (16L << 20) + (fileBytes > long.MaxValue / 8 ? long.MaxValue / 2 : 4 * fileBytes);

    /// <summary>The entry of one tensor.</summary>
    /// <exception cref="CaravanException">It does not lie inside its storage, or is of a type that Caravan does not read.</exception>
    public TensorEntry Entry(string name, TorchTensor tensor)
    {
        if (tensor.DType is not { } type)
            throw Wrong(
                name, $"has elements of the type {tensor.TypeName}, which Caravan does not read; convert it to float32, float16 or bfloat16");
        if (tensor.Negated) throw Wrong(name, "stands for the negative of its stored values; save it again after resolve_neg()");
        NativeSpan<byte> storage = Storage(name, tensor.Storage);
        long elements = CheckExtent(name, tensor, type, storage.Length);
        ImmutableArray<long> shape = [.. tensor.Shape];
        int size = type.BlockBytes();
        NativeSpan<byte> data = elements == 0 ? storage.Slice(0, 0)
            : IsContiguous(tensor) ? storage.Slice(tensor.Offset * size, elements * size)
            : Copy(name, tensor, type, storage, elements);
        return new TensorEntry(name, type, shape, data);
    }

    private NativeSpan<byte> Storage(string name, TorchStorage storage)
    {
        NativeSpan<byte> bytes = content.Bytes(storage);
        int size = storage.DType.BlockBytes();
        if (bytes.Length / size != storage.Elements)
            throw Wrong(
                name, $"lies in a storage of {storage.Elements} {storage.DType}, for which the file holds {bytes.Length} bytes; download it again");
        return bytes;
    }

    /// <summary>Checks sizes, strides and the last element in 128 bits, and returns the number of elements.</summary>
    private long CheckExtent(string name, TorchTensor tensor, DType type, long storageBytes)
    {
        string shape = $"[{string.Join(", ", tensor.Shape.Take(16))}]";
        if (tensor.Shape.Length != tensor.Strides.Length || tensor.Offset < 0 || tensor.Shape.Concat(tensor.Strides).Any(item => item < 0))
            throw Wrong(
                name, $"has an impossible shape {shape}, strides [{string.Join(", ", tensor.Strides.Take(16))}] or offset {tensor.Offset}; download it again");
        Int128 elements = 1;
        Int128 last = tensor.Offset;
        for (int i = 0; i < tensor.Shape.Length; i++)
        {
            // Both factors are below 2^63 and the product is cut off early, so 128 bits never overflow.
            elements = elements > long.MaxValue && tensor.Shape[i] != 0 ? elements : elements * tensor.Shape[i];
            last = last > long.MaxValue ? last : last + ((Int128)Math.Max(0, tensor.Shape[i] - 1) * tensor.Strides[i]);
        }

        if (elements == 0) return 0;
        int size = type.BlockBytes();
        if (elements > long.MaxValue / size || last >= storageBytes / size)
            throw Wrong(
                name, $"has shape {shape} and its last element at index {last} of a storage of {storageBytes} bytes of {type}; download it again");
        return (long)elements;
    }

    /// <summary>Whether the elements lie one after the other; the stride of a dimension of one element does not matter.</summary>
    private static bool IsContiguous(TorchTensor tensor)
    {
        long expected = 1;
        for (int i = tensor.Shape.Length - 1; i >= 0; i--)
        {
            if (tensor.Shape[i] != 1 && tensor.Strides[i] != expected) return false;
            expected *= tensor.Shape[i];
        }

        return true;
    }

    private NativeSpan<byte> Copy(string name, TorchTensor tensor, DType type, NativeSpan<byte> storage, long elements)
    {
        int size = type.BlockBytes();
        long bytes = elements * size;
        if (bytes > copyBudget)
            throw Wrong(
                name,
                $"repeats few stored elements to fill {bytes} bytes, beyond what a file of {fileBytes} bytes may ask for; save it again after contiguous()");
        copyBudget -= bytes;
        NativeBuffer buffer = new(bytes, clear: false);
        owned.Add(buffer);
        NativeSpan<byte> whole = storage.Slice(0, storage.Length / size * size);
        switch (size)
        {
            case 1: TorchStrides.Copy(whole, tensor, buffer.Bytes); break;
            case 2: TorchStrides.Copy(whole.Cast<ushort>(), tensor, buffer.Bytes.Cast<ushort>()); break;
            case 4: TorchStrides.Copy(whole.Cast<uint>(), tensor, buffer.Bytes.Cast<uint>()); break;
            default: TorchStrides.Copy(whole.Cast<ulong>(), tensor, buffer.Bytes.Cast<ulong>()); break;
        }

        return buffer.Bytes;
    }

    private CaravanException Wrong(string name, string what) => new($"The tensor '{PickleText.Printable(name)}' of '{path}' {what}.");
}
