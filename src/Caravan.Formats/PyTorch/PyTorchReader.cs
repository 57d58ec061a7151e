using System.Buffers.Binary;
using Caravan.Kernels;

namespace Caravan.Formats;

/// <summary>
/// Reads PyTorch checkpoints (<c>.bin</c>, <c>.pt</c>, <c>.pth</c>) without running what is in them: the zip files of torch.save since 1.6
/// and the pickle streams before. Storages are read in place from the mapped file.
/// </summary>
internal static class PyTorchReader
{
    /// <summary>Whether the bytes start as torch.save's files do; every zip archive and every pickle does.</summary>
    public static bool LooksLike(NativeSpan<byte> bytes) => IsZip(bytes) || IsPickle(bytes);

    /// <summary>Opens one checkpoint file together with the <c>config.json</c> beside it, if there is one.</summary>
    /// <exception cref="CaravanException">It is damaged, is no checkpoint, or asks to call something while unpickling.</exception>
    public static Checkpoint Open(string path)
    {
        List<IDisposable> owned = [];
        try
        {
            MappedFile file = MappedFile.Open(path);
            owned.Add(file);
            IReadOnlyDictionary<string, TensorEntry> tensors = ReadTensors(file, owned);
            return new Checkpoint(path, IsZip(file.Bytes) ? "PyTorch" : "PyTorch (before 1.6)", tensors, owned)
            {
                Config = HuggingFaceFolder.ConfigBeside(path),
            };
        }
        catch
        {
            foreach (IDisposable item in owned) item.Dispose();
            throw;
        }
    }

    /// <summary>The tensors of one mapped file, as views of it.</summary>
    /// <param name="file">The file, which must outlive the entries.</param>
    /// <param name="owned">Receives the buffers of tensors that were not contiguous, also when reading fails later; the caller disposes them.</param>
    internal static IReadOnlyDictionary<string, TensorEntry> ReadTensors(MappedFile file, ICollection<IDisposable> owned)
    {
        TorchContent content = Read(file.Path, file.Bytes);
        TorchTensors tensors = new(file.Path, content, file.Bytes.Length, owned);
        OrderedDictionary<string, TensorEntry> entries = new(StringComparer.Ordinal);
        foreach ((string name, TorchTensor tensor) in TorchStateDictionary.Find(file.Path, content.Root))
            entries.Add(name, tensors.Entry(name, tensor));
        return entries;
    }

    private static TorchContent Read(string path, NativeSpan<byte> bytes)
    {
        if (IsZip(bytes)) return TorchArchive.Read(path, bytes);
        if (TorchStream.LooksLike(bytes)) return TorchStream.Read(path, bytes);
        if (bytes.Length > 262 && bytes.AsSpan(257, 5).SequenceEqual("ustar"u8))
            throw new CaravanException(
                $"'{path}' is a tar archive, as PyTorch wrote before 0.1.10; load it with an old PyTorch and save it again as safetensors.");
        if (!IsPickle(bytes))
            throw new CaravanException(
                $"'{path}' is not a PyTorch checkpoint: it is neither a zip archive nor a pickle; check that the download is complete.");
        // A pickle that torch did not write has no storages, but what it asks for should be said.
        return new TorchContent(new SafeUnpickler(path, bytes).Load(), storage =>
            throw new CaravanException(
                $"'{path}' is a pickle without the storage '{PickleText.Printable(storage.Key)}' that it names; save it with torch.save."));
    }

    private static bool IsZip(NativeSpan<byte> bytes) =>
        bytes.Length >= 4 && BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(0, 4)) == ZipDirectory.LocalSignature;

    /// <summary>Pickles of protocol 2 and later start with their protocol number, which is at most 5.</summary>
    private static bool IsPickle(NativeSpan<byte> bytes) => bytes.Length >= 2 && bytes[0] == (byte)PickleOpcode.Proto && bytes[1] <= 5;
}
