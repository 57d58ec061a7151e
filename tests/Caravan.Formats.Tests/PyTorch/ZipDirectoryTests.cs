using System.Buffers.Binary;

namespace Caravan.Formats.Tests;

/// <summary>Damaged and hostile zip archives.</summary>
public sealed class ZipDirectoryTests
{
    private const string Again = "; download it again or save it again with torch.save.";

    [Fact]
    public void Truncation_anywhere_is_refused()
    {
        byte[] file = Checkpoint().Bytes();
        for (int length = 4; length < file.Length; length++)
            Assert.Equal(
                $"'x.bin' cannot be read as a zip archive: its {length} bytes do not end with a directory, so the file is cut off" + Again,
                TorchFiles.Refusal(file[..length]));
    }

    [Fact]
    public void An_entry_past_the_directory_is_refused()
    {
        ZipWriter writer = Checkpoint(zip64: false);
        byte[] file = Patched(writer, "archive/data/0", 20, 9);
        Assert.Contains("is stored in 9 bytes but says it has 8", TorchFiles.Refusal(file), StringComparison.Ordinal);
        file = Patched(writer, "archive/data/0", 20, 1 << 20, 24, 1 << 20);
        Assert.Contains($"its entry 'archive/data/0' of 1048576 bytes at byte {writer.DataOffsets["archive/data/0"]} reaches past the ", TorchFiles.Refusal(file), StringComparison.Ordinal);
        file = Patched(writer, "archive/data/0", 42, 1 << 20);
        Assert.Contains("its entry 'archive/data/0' starts at byte 1048576, past the ", TorchFiles.Refusal(file), StringComparison.Ordinal);
    }

    [Fact]
    public void Overlapping_entries_are_refused()
    {
        ZipWriter writer = Checkpoint(zip64: false);
        int wide = writer.HeaderOffsets["archive/version"] - writer.DataOffsets["archive/data/0"] + 1;
        byte[] file = Patched(writer, "archive/data/0", 20, wide, 24, wide);
        Assert.Equal("'x.bin' cannot be read as a zip archive: its entries 'archive/data/0' and 'archive/version' overlap" + Again, TorchFiles.Refusal(file));
    }

    [Fact]
    public void Two_entries_of_one_name_are_refused()
    {
        byte[] file = Checkpoint().Add("archive/data/0", TorchFiles.Counting(2)).Bytes();
        Assert.Equal("'x.bin' cannot be read as a zip archive: it holds 'archive/data/0' twice" + Again, TorchFiles.Refusal(file));
    }

    [Fact]
    public void An_entry_that_is_not_where_the_directory_says_is_refused()
    {
        ZipWriter writer = Checkpoint(zip64: false);
        byte[] file = Patched(writer, "archive/data/0", 42, 1);
        Assert.Equal("'x.bin' cannot be read as a zip archive: its entry 'archive/data/0' is not at byte 1, where the directory says" + Again, TorchFiles.Refusal(file));
        // A local header under another name: the directory and a careless reader would disagree on what lies there.
        file = writer.Bytes();
        file[writer.HeaderOffsets["archive/data/0"] + 30] = (byte)'A';
        Assert.Contains("its entry 'archive/data/0' is not at byte ", TorchFiles.Refusal(file), StringComparison.Ordinal);
    }

    [Fact]
    public void Encrypted_and_compressed_storages_are_refused()
    {
        ZipWriter writer = Checkpoint(zip64: false);
        Assert.Equal("'x.bin' cannot be read as a zip archive: its entry 'archive/data/0' is encrypted" + Again, TorchFiles.Refusal(Patched(writer, "archive/data/0", 8, 1)));
        byte[] file = new ZipWriter().Add("archive/data.pkl", Pickle()).Add("archive/data/0", TorchFiles.Counting(2), deflate: true).Bytes();
        Assert.Equal(
            "'x.bin' holds 'archive/data/0' compressed; tensors are read in place, so save it again with torch.save, which does not compress.",
            TorchFiles.Refusal(file));
    }

    [Fact]
    public void A_deflated_pickle_that_promises_too_much_is_refused()
    {
        ZipWriter writer = TorchFiles.Writer(Pickle(), [("0", TorchFiles.Counting(2))], zip64: false, deflatePickle: true);
        Assert.Contains("does not inflate to 60000 bytes", TorchFiles.Refusal(Patched(writer, "archive/data.pkl", 24, 60000)), StringComparison.Ordinal);
        Assert.Contains("which is not deflate", TorchFiles.Refusal(Patched(writer, "archive/data.pkl", 24, 50_000_000)), StringComparison.Ordinal);
        Assert.Contains("more than the 67108864 that a checkpoint needs", TorchFiles.Refusal(Patched(writer, "archive/data.pkl", 24, int.MaxValue)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(8, 0x7fffffffffffffff, "its zip64 record is said to be at byte 9223372036854775807")]
    [InlineData(8, 0, "there is no zip64 record at byte 0")]
    public void A_lying_zip64_locator_is_refused(int field, long value, string problem)
    {
        byte[] file = Checkpoint().Bytes();
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(file.Length - 42 + field), value);
        Assert.Contains(problem, TorchFiles.Refusal(file), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(32, long.MaxValue, " bytes cannot hold 9223372036854775807 entries")]
    [InlineData(40, -1, "its directory of 18446744073709551615 bytes at byte ")]
    [InlineData(48, long.MaxValue, " at byte 9223372036854775807 reaches past byte ")]
    public void A_lying_zip64_record_is_refused(int field, long value, string problem)
    {
        byte[] file = Checkpoint().Bytes();
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(file.Length - 98 + field), value);
        Assert.Contains(problem, TorchFiles.Refusal(file), StringComparison.Ordinal);
    }

    private static byte[] Pickle() => new PickleWriter().Raw('}').Text("w").Vector("0", 2).Raw('s').Stop();

    private static ZipWriter Checkpoint(bool zip64 = true) => TorchFiles.Writer(Pickle(), [("0", TorchFiles.Counting(2))], zip64);

    /// <summary>The archive with 32-bit numbers at given places of an entry's record in the directory replaced.</summary>
    private static byte[] Patched(ZipWriter writer, string name, params int[] placesAndValues)
    {
        byte[] file = writer.Bytes();
        byte[] rawName = System.Text.Encoding.ASCII.GetBytes(name);
        int record = file.AsSpan().LastIndexOf(rawName) - 46;
        for (int i = 0; i < placesAndValues.Length; i += 2)
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(record + placesAndValues[i]), placesAndValues[i + 1]);
        return file;
    }
}
