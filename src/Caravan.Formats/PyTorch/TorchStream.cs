using System.Buffers.Binary;
using Caravan.Kernels;

namespace Caravan.Formats;

/// <summary>
/// The format that torch.save wrote before 1.6: one pickle after another (a magic number, the protocol, the machine, the object, the
/// storage keys), then the storages in the order of the keys, each an int64 count of elements and the elements.
/// </summary>
/// <remarks>Source: PyTorch, <c>torch/serialization.py</c> (<c>_legacy_load</c>).</remarks>
internal static class TorchStream
{
    private const long Protocol = 1001;

    /// <summary>The number 0x1950a86a20f9469cfc6c as pickle writes it.</summary>
    private static ReadOnlySpan<byte> Magic => [0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

    /// <summary>Whether the file starts with the magic number, whatever pickle protocol it was saved with.</summary>
    public static bool LooksLike(NativeSpan<byte> bytes) => bytes.AsSpan(0, (int)Math.Min(bytes.Length, 32)).IndexOf(Magic) >= 0;

    /// <summary>The unpickled root and the storages, which are views of <paramref name="bytes"/>.</summary>
    public static TorchContent Read(string path, NativeSpan<byte> bytes)
    {
        long position = 0;
        Next(path, bytes, ref position);
        if (Next(path, bytes, ref position).Root is not Protocol)
            throw new CaravanException($"'{path}' is of a PyTorch protocol other than {Protocol}; save it again with PyTorch 1.6 or later.");
        if (Next(path, bytes, ref position).Root is PickleDictionary machine && machine.Find("little_endian") is false)
            throw new CaravanException($"'{path}' holds its bytes in big-endian order; save it again on a little-endian machine.");
        (object? root, IReadOnlyDictionary<string, TorchStorage> named) = Next(path, bytes, ref position);
        if (Next(path, bytes, ref position).Root is not List<object?> keys)
            throw new CaravanException($"'{path}' lacks the list of storages after its object; download it again.");
        Dictionary<string, NativeSpan<byte>> storages = new(StringComparer.Ordinal);
        foreach (object? key in keys)
        {
            if (key is not string name || !named.TryGetValue(name, out TorchStorage? storage))
                throw new CaravanException($"'{path}' lists a storage that no tensor of it names; download it again.");
            if (!storages.TryAdd(name, NextStorage(path, bytes, ref position, storage)))
                throw new CaravanException($"'{path}' lists the storage '{PickleText.Printable(name)}' twice; download it again.");
        }

        return new TorchContent(root, storage => storages.TryGetValue(storage.Key, out NativeSpan<byte> data)
            ? data
            : throw new CaravanException(
                $"'{path}' has a tensor in the storage '{PickleText.Printable(storage.Key)}', which it does not hold; download it again."));
    }

    private static (object? Root, IReadOnlyDictionary<string, TorchStorage> Storages) Next(string path, NativeSpan<byte> bytes, ref long position)
    {
        SafeUnpickler unpickler = new(path, bytes.Slice(position));
        object? root = unpickler.Load();
        position += unpickler.Position;
        return (root, unpickler.Storages);
    }

    private static NativeSpan<byte> NextStorage(string path, NativeSpan<byte> bytes, ref long position, TorchStorage storage)
    {
        long remaining = bytes.Length - position - sizeof(long);
        long elements = remaining < 0 ? 0 : BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(position, sizeof(long)));
        int size = storage.DType.BlockBytes();
        if (elements < 0 || remaining < 0 || elements > remaining / size)
            throw new CaravanException(
                $"'{path}' is cut off: the storage '{PickleText.Printable(storage.Key)}' of {elements} {storage.DType} at byte {position} " +
                $"does not fit the {bytes.Length} bytes of the file; download it again.");
        NativeSpan<byte> data = bytes.Slice(position + sizeof(long), elements * size);
        position += sizeof(long) + data.Length;
        return data;
    }
}
