using System.IO.Compression;
using System.Text;

namespace Caravan.Formats.Tests;

/// <summary>Writes zip archives as torch.save does: stored entries padded to 64 bytes, and the 64-bit end records.</summary>
internal sealed class ZipWriter
{
    private readonly List<byte> body = [];
    private readonly List<(byte[] Name, ushort Method, byte[] Data, int Size, long Offset)> entries = [];

    /// <summary>Write the 64-bit end records and put the sizes of every entry into zip64 fields.</summary>
    public bool Zip64 { get; init; } = true;

    /// <summary>Where the data of each entry starts.</summary>
    public Dictionary<string, int> DataOffsets { get; } = [];

    /// <summary>Where the local header of each entry starts.</summary>
    public Dictionary<string, int> HeaderOffsets { get; } = [];

    public ZipWriter Add(string name, ReadOnlySpan<byte> data, bool deflate = false)
    {
        byte[] rawName = Encoding.UTF8.GetBytes(name);
        byte[] stored = deflate ? Deflate(data) : data.ToArray();
        long offset = body.Count;
        int padding = (int)((64 - ((offset + 30 + rawName.Length + 4) % 64)) % 64);
        ushort method = deflate ? (ushort)8 : (ushort)0;
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream);
        writer.Write(0x04034b50);
        foreach (ushort field in new ushort[] { 20, 0, method, 0, 0, 0, 0 }) writer.Write(field);
        writer.Write(stored.Length);
        writer.Write(data.Length);
        writer.Write((ushort)rawName.Length);
        writer.Write((ushort)(4 + padding));
        writer.Write(rawName);
        writer.Write("FB"u8);
        writer.Write((ushort)padding);
        writer.Write(new byte[padding]);
        HeaderOffsets[name] = (int)offset;
        DataOffsets[name] = (int)(offset + stream.Position);
        writer.Write(stored);
        body.AddRange(stream.ToArray());
        entries.Add((rawName, method, stored, data.Length, offset));
        return this;
    }

    public byte[] Bytes()
    {
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream);
        writer.Write(body.ToArray());
        long start = stream.Position;
        foreach (var entry in entries) WriteDirectoryEntry(writer, entry);
        long length = stream.Position - start;
        if (Zip64) WriteWideEnd(writer, start + length, start, length);
        writer.Write(0x06054b50);
        writer.Write(0);
        writer.Write(Zip64 ? ushort.MaxValue : (ushort)entries.Count);
        writer.Write(Zip64 ? ushort.MaxValue : (ushort)entries.Count);
        writer.Write(Zip64 ? uint.MaxValue : (uint)length);
        writer.Write(Zip64 ? uint.MaxValue : (uint)start);
        writer.Write((ushort)0);
        return stream.ToArray();
    }

    private void WriteDirectoryEntry(BinaryWriter writer, (byte[] Name, ushort Method, byte[] Data, int Size, long Offset) entry)
    {
        writer.Write(0x02014b50);
        foreach (ushort field in new ushort[] { 45, 45, 0, entry.Method, 0, 0, 0, 0 }) writer.Write(field);
        writer.Write(Zip64 ? uint.MaxValue : (uint)entry.Data.Length);
        writer.Write(Zip64 ? uint.MaxValue : (uint)entry.Size);
        writer.Write((ushort)entry.Name.Length);
        writer.Write((ushort)(Zip64 ? 28 : 0));
        writer.Write(new byte[10]);
        writer.Write(Zip64 ? uint.MaxValue : (uint)entry.Offset);
        writer.Write(entry.Name);
        if (!Zip64) return;
        writer.Write((ushort)1);
        writer.Write((ushort)24);
        writer.Write((long)entry.Size);
        writer.Write((long)entry.Data.Length);
        writer.Write(entry.Offset);
    }

    private void WriteWideEnd(BinaryWriter writer, long wideEnd, long start, long length)
    {
        writer.Write(0x06064b50);
        writer.Write(44L);
        writer.Write((ushort)45);
        writer.Write((ushort)45);
        writer.Write(0L);
        writer.Write((long)entries.Count);
        writer.Write((long)entries.Count);
        writer.Write(length);
        writer.Write(start);
        writer.Write(0x07064b50);
        writer.Write(0);
        writer.Write(wideEnd);
        writer.Write(1);
    }

    private static byte[] Deflate(ReadOnlySpan<byte> data)
    {
        using MemoryStream compressed = new();
        using (DeflateStream deflate = new(compressed, CompressionLevel.Optimal)) deflate.Write(data);
        return compressed.ToArray();
    }
}
