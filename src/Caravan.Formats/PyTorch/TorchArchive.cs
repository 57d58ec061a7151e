using System.IO.Compression;
using Caravan.Kernels;

namespace Caravan.Formats;

/// <summary>
/// The zip checkpoints that torch.save writes since 1.6: <c>NAME/data.pkl</c> describes, <c>NAME/data/KEY</c> holds each storage,
/// stored as it is. Only <c>data.pkl</c> may be deflated; it is then inflated into memory of its own.
/// </summary>
internal static class TorchArchive
{
    private const string PickleName = "data.pkl";

    /// <summary>The unpickled root and the storages, which are views of <paramref name="bytes"/>.</summary>
    public static TorchContent Read(string path, NativeSpan<byte> bytes)
    {
        IReadOnlyDictionary<string, ZipEntry> entries = ZipDirectory.Read(path, bytes);
        string folder = Folder(path, entries.Keys);
        if (entries.ContainsKey($"{folder}constants.pkl"))
            throw new CaravanException(
                $"'{path}' is a TorchScript program, which Caravan does not run; save the model's state_dict, best as safetensors.");
        CheckByteOrder(path, entries.GetValueOrDefault($"{folder}byteorder"));
        object? root = Unpickle(path, entries[folder + PickleName]);
        return new TorchContent(root, storage => Find(path, entries, $"{folder}data/{storage.Key}"));
    }

    /// <summary>The one top folder, with its slash; archives repacked by hand may have none.</summary>
    private static string Folder(string path, IEnumerable<string> names)
    {
        string[] pickles = [.. names.Where(name => name == PickleName
            || (name.EndsWith("/" + PickleName, StringComparison.Ordinal) && name.IndexOf('/') == name.LastIndexOf('/')))];
        if (pickles.Length == 1) return pickles[0][..^PickleName.Length];
        throw new CaravanException(
            $"'{path}' is a zip archive with {pickles.Length} files '{PickleName}' where a PyTorch checkpoint has one; " +
            (pickles.Length == 0 ? "if it holds model files, unpack it and open the folder." : "save it again with torch.save."));
    }

    private static void CheckByteOrder(string path, ZipEntry? entry)
    {
        if (entry is null || (entry.Method == ZipEntry.Stored && entry.Data.Length == 6 && entry.Data.AsSpan().SequenceEqual("little"u8))) return;
        throw new CaravanException($"'{path}' does not say that its bytes are in little-endian order; save it again on a little-endian machine.");
    }

    private static object? Unpickle(string path, ZipEntry entry)
    {
        long limit = new PickleLimits().Bytes;
        if (entry.Size > limit)
            throw new CaravanException(
                $"'{path}' holds a '{entry.Name}' of {entry.Size} bytes, more than the {limit} that a checkpoint needs; " +
                "convert it to safetensors with a tool you trust.");
        if (entry.Method == ZipEntry.Stored) return new SafeUnpickler(path, entry.Data).Load();
        using NativeBuffer inflated = Inflate(path, entry);
        return new SafeUnpickler(path, inflated.Bytes).Load();
    }

    private static NativeBuffer Inflate(string path, ZipEntry entry)
    {
        // Deflate cannot shrink more than 1032 times, so a larger promise is a lie and reserves nothing.
        if (entry.Method != ZipEntry.Deflated || entry.Size / 1032 > entry.Data.Length)
            throw ZipDirectory.Damaged(
                path, $"its entry '{entry.Name}' is compressed by method {entry.Method} from {entry.Size} to {entry.Data.Length} bytes, which is not deflate");
        NativeBuffer buffer = new(entry.Size, clear: false);
        try
        {
            using MemoryStream compressed = new(entry.Data.AsSpan().ToArray());
            using DeflateStream stream = new(compressed, CompressionMode.Decompress);
            stream.ReadExactly(buffer.Bytes.AsSpan());
            return buffer;
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException)
        {
            buffer.Dispose();
            throw ZipDirectory.Damaged(path, $"its entry '{entry.Name}' does not inflate to {entry.Size} bytes");
        }
    }

    private static NativeSpan<byte> Find(string path, IReadOnlyDictionary<string, ZipEntry> entries, string name)
    {
        if (!entries.TryGetValue(name, out ZipEntry? entry))
            throw ZipDirectory.Damaged(path, $"a tensor lies in '{PickleText.Printable(name)}', which is not in the archive");
        return entry.Method == ZipEntry.Stored
            ? entry.Data
            : throw new CaravanException(
                $"'{path}' holds '{entry.Name}' compressed; tensors are read in place, so save it again with torch.save, which does not compress.");
    }
}
