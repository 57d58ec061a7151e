using System.Buffers.Binary;
using System.Text;
using Caravan.Kernels;

namespace Caravan.Formats;

/// <summary>
/// Finds the entries of a zip archive in a mapped file without copying them. Entries must not repeat a name, overlap, be encrypted or
/// reach past the directory; checksums are not computed, since tensors are read in place.
/// </summary>
/// <remarks>Source: PKWARE APPNOTE 6.3, sections 4.3 (layout) and 4.5.3 (zip64 extra field).</remarks>
internal static class ZipDirectory
{
    /// <summary>The first bytes of an archive that has entries.</summary>
    public const uint LocalSignature = 0x04034b50;

    private const uint EntrySignature = 0x02014b50;
    private const int LocalBytes = 30;
    private const int EntryBytes = 46;

    /// <summary>The entries by name.</summary>
    /// <exception cref="CaravanException">The archive is cut off, damaged or of a kind that torch does not write.</exception>
    public static IReadOnlyDictionary<string, ZipEntry> Read(string path, NativeSpan<byte> bytes)
    {
        (long start, long length, long count) = ZipEnd.Read(path, bytes);
        Dictionary<string, ZipEntry> entries = new(StringComparer.Ordinal);
        List<(long Start, long End, string Name)> extents = [];
        long position = start;
        for (long i = 0; i < count; i++)
        {
            if (start + length - position < EntryBytes) throw Damaged(path, $"its directory ends inside entry {i} of {count}");
            ReadOnlySpan<byte> head = bytes.AsSpan(position, EntryBytes);
            int nameLength = UInt16(head, 28);
            int extraLength = UInt16(head, 30);
            long next = position + EntryBytes + nameLength + extraLength + UInt16(head, 32);
            if (UInt32(head, 0) != EntrySignature || next > start + length) throw Damaged(path, $"entry {i} of its directory is damaged");
            ReadOnlySpan<byte> name = bytes.AsSpan(position + EntryBytes, nameLength);
            ZipEntry entry = Locate(path, bytes.Slice(0, start), head, name, bytes.AsSpan(position + EntryBytes + nameLength, extraLength), extents);
            if (!entries.TryAdd(entry.Name, entry)) throw Damaged(path, $"it holds '{entry.Name}' twice");
            position = next;
        }

        CheckOverlaps(path, extents);
        return entries;
    }

    /// <summary>The failure of a damaged archive.</summary>
    public static CaravanException Damaged(string path, string what) =>
        new($"'{path}' cannot be read as a zip archive: {what}; download it again or save it again with torch.save.");

    private static ZipEntry Locate(
        string path,
        NativeSpan<byte> bytes,
        ReadOnlySpan<byte> head,
        ReadOnlySpan<byte> rawName,
        ReadOnlySpan<byte> extra,
        List<(long Start, long End, string Name)> extents)
    {
        string name = PickleText.Printable(Encoding.UTF8.GetString(rawName));
        (ulong size, ulong stored, ulong offset) = Sizes(path, name, head, extra);
        if ((UInt16(head, 8) & 1) != 0) throw Damaged(path, $"its entry '{name}' is encrypted");
        ulong available = (ulong)bytes.Length;
        if (offset > available || available - offset < LocalBytes)
            throw Damaged(path, $"its entry '{name}' starts at byte {offset}, past the {available} bytes before the directory");
        ReadOnlySpan<byte> local = bytes.AsSpan((long)offset, LocalBytes);
        ulong data = offset + LocalBytes + UInt16(local, 26) + UInt16(local, 28);
        if (UInt32(local, 0) != LocalSignature || UInt16(local, 26) != rawName.Length || data > available
            || !bytes.AsSpan((long)offset + LocalBytes, rawName.Length).SequenceEqual(rawName))
            throw Damaged(path, $"its entry '{name}' is not at byte {offset}, where the directory says");
        if (stored > available - data)
            throw Damaged(path, $"its entry '{name}' of {stored} bytes at byte {data} reaches past the {available} bytes before the directory");
        int method = UInt16(head, 10);
        if (method == ZipEntry.Stored && size != stored)
            throw Damaged(path, $"its entry '{name}' is stored in {stored} bytes but says it has {size}");
        if (size > long.MaxValue) throw Damaged(path, $"its entry '{name}' says it has {size} bytes");
        extents.Add(((long)offset, (long)(data + stored), name));
        return new ZipEntry(name, method, bytes.Slice((long)data, (long)stored), (long)size);
    }

    /// <summary>Size, stored size and place of an entry; those that do not fit 32 bits follow in the zip64 extra field, in this order.</summary>
    private static (ulong Size, ulong Stored, ulong Offset) Sizes(string path, string name, ReadOnlySpan<byte> head, ReadOnlySpan<byte> extra)
    {
        Span<ulong> values = [UInt32(head, 24), UInt32(head, 20), UInt32(head, 42)];
        ReadOnlySpan<byte> wide = Zip64Field(extra);
        foreach (ref ulong value in values)
        {
            if (value != uint.MaxValue) continue;
            if (wide.Length < 8) throw Damaged(path, $"its entry '{name}' lacks the 64-bit size it announces");
            value = BinaryPrimitives.ReadUInt64LittleEndian(wide);
            wide = wide[8..];
        }

        return (values[0], values[1], values[2]);
    }

    private static ReadOnlySpan<byte> Zip64Field(ReadOnlySpan<byte> extra)
    {
        while (extra.Length >= 4)
        {
            int length = Math.Min(UInt16(extra, 2), extra.Length - 4);
            if (UInt16(extra, 0) == 1) return extra.Slice(4, length);
            extra = extra[(4 + length)..];
        }

        return [];
    }

    private static void CheckOverlaps(string path, List<(long Start, long End, string Name)> extents)
    {
        extents.Sort();
        for (int i = 1; i < extents.Count; i++)
            if (extents[i].Start < extents[i - 1].End)
                throw Damaged(path, $"its entries '{extents[i - 1].Name}' and '{extents[i].Name}' overlap");
    }

    private static ushort UInt16(ReadOnlySpan<byte> span, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(span[offset..]);

    private static uint UInt32(ReadOnlySpan<byte> span, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(span[offset..]);
}
