using System.Buffers.Binary;
using Caravan.Kernels;

namespace Caravan.Formats;

/// <summary>The records at the end of a zip archive that say where its directory is; torch writes the 64-bit ones.</summary>
internal static class ZipEnd
{
    private const int EndBytes = 22;
    private const int LocatorBytes = 20;
    private const int WideEndBytes = 56;

    /// <summary>Start and length of the directory, inside the file, and the number of its entries.</summary>
    public static (long Start, long Length, long Count) Read(string path, NativeSpan<byte> bytes)
    {
        long end = Find(bytes);
        if (end < 0) throw ZipDirectory.Damaged(path, $"its {bytes.Length} bytes do not end with a directory, so the file is cut off");
        ReadOnlySpan<byte> record = bytes.AsSpan(end, EndBytes);
        (ulong start, ulong length, ulong count) = (UInt32(record, 16), UInt32(record, 12), BinaryPrimitives.ReadUInt16LittleEndian(record[10..]));
        uint disk = BinaryPrimitives.ReadUInt32LittleEndian(record[4..]);
        long limit = end;
        if (end >= LocatorBytes && bytes.AsSpan(end - LocatorBytes, 4).SequenceEqual("PK\u0006\u0007"u8))
        {
            ulong wideEnd = UInt64(bytes.AsSpan(end - LocatorBytes, LocatorBytes), 8);
            if (wideEnd > (ulong)(end - LocatorBytes) || (ulong)(end - LocatorBytes) - wideEnd < WideEndBytes)
                throw ZipDirectory.Damaged(path, $"its zip64 record is said to be at byte {wideEnd} of {bytes.Length}");
            ReadOnlySpan<byte> wide = bytes.AsSpan((long)wideEnd, WideEndBytes);
            if (!wide[..4].SequenceEqual("PK\u0006\u0006"u8)) throw ZipDirectory.Damaged(path, $"there is no zip64 record at byte {wideEnd}");
            (start, length, count) = (UInt64(wide, 48), UInt64(wide, 40), UInt64(wide, 32));
            disk = UInt32(wide, 16) | UInt32(wide, 20);
            limit = (long)wideEnd;
        }

        if (disk != 0) throw ZipDirectory.Damaged(path, "it is one part of an archive in several files");
        if (start > (ulong)limit || length > (ulong)limit - start)
            throw ZipDirectory.Damaged(path, $"its directory of {length} bytes at byte {start} reaches past byte {limit}");
        if (count > length) throw ZipDirectory.Damaged(path, $"its directory of {length} bytes cannot hold {count} entries");
        return ((long)start, (long)length, (long)count);
    }

    /// <summary>The last end record whose comment reaches exactly to the end of the file, or -1.</summary>
    private static long Find(NativeSpan<byte> bytes)
    {
        int tailLength = (int)Math.Min(bytes.Length, EndBytes + ushort.MaxValue);
        ReadOnlySpan<byte> tail = bytes.AsSpan(bytes.Length - tailLength, tailLength);
        for (int start = tailLength - EndBytes; start >= 0; start--)
            if (tail[start] == 'P' && tail.Slice(start, 4).SequenceEqual("PK\u0005\u0006"u8)
                && BinaryPrimitives.ReadUInt16LittleEndian(tail[(start + 20)..]) == tailLength - start - EndBytes)
                return bytes.Length - tailLength + start;
        return -1;
    }

    private static uint UInt32(ReadOnlySpan<byte> span, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(span[offset..]);

    private static ulong UInt64(ReadOnlySpan<byte> span, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(span[offset..]);
}
