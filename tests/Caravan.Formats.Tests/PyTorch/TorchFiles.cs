using System.Runtime.InteropServices;
using Caravan.Testing;

namespace Caravan.Formats.Tests;

/// <summary>Checkpoints put together from a pickle and storages.</summary>
internal static class TorchFiles
{
    /// <summary>A zip checkpoint as torch.save writes it.</summary>
    public static byte[] Zip(byte[] pickle, params (string Key, byte[] Data)[] storages) => Writer(pickle, storages).Bytes();

    /// <summary>The archive before it is closed, so that more can be added or its offsets read.</summary>
    public static ZipWriter Writer(byte[] pickle, (string Key, byte[] Data)[] storages, bool zip64 = true, bool deflatePickle = false)
    {
        ZipWriter writer = new ZipWriter { Zip64 = zip64 }.Add("archive/data.pkl", pickle, deflatePickle).Add("archive/byteorder", "little"u8);
        foreach ((string key, byte[] data) in storages) writer.Add($"archive/data/{key}", data);
        return writer.Add("archive/version", "3\n"u8);
    }

    /// <summary>A stream of pickles as torch.save wrote before 1.6.</summary>
    public static byte[] Legacy(byte[] pickle, int elementSize, params (string Key, byte[] Data)[] storages)
    {
        PickleWriter keys = new PickleWriter().Raw("]("u8);
        foreach ((string key, _) in storages) keys.Text(key);
        using MemoryStream stream = new();
        stream.Write(new PickleWriter().Raw(0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19).Stop());
        stream.Write(new PickleWriter().Number(1001).Stop());
        stream.Write(new PickleWriter().Raw('}').Text("little_endian").Raw(0x88).Raw('s').Stop());
        stream.Write(pickle);
        stream.Write(keys.Raw('e').Stop());
        foreach ((_, byte[] data) in storages)
        {
            stream.Write(BitConverter.GetBytes((long)(data.Length / elementSize)));
            stream.Write(data);
        }

        return stream.ToArray();
    }

    public static byte[] Floats(params float[] values) => MemoryMarshal.AsBytes<float>(values).ToArray();

    /// <summary>Values 0, 1, 2, ...</summary>
    public static byte[] Counting(int count) => Floats([.. Enumerable.Range(0, count).Select(i => (float)i)]);

    public static float[] Values(TensorEntry entry) => entry.Data.Cast<float>().AsSpan().ToArray();

    /// <summary>Opens the file and returns the sentence with which it is refused, its path written as <c>x.bin</c>.</summary>
    public static string Refusal(byte[] file)
    {
        using TemporaryFolder folder = TemporaryFolder.InMemory();
        string path = folder.Write("x.bin", file);
        return Assert.Throws<CaravanException>(() => PyTorchReader.Open(path).Dispose()).Message.Replace(path, "x.bin", StringComparison.Ordinal);
    }
}
