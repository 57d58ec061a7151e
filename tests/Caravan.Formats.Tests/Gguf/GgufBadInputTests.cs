using Caravan.Testing;

namespace Caravan.Formats.Tests;

public sealed class GgufBadInputTests : IDisposable
{
    private const uint F32 = 0, Q4_K = 12, IQ2_XXS = 16;

    private readonly TemporaryFolder folder = new();

    private string Path => folder.File("x.gguf");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Empty_file() => Expect([], $"'{Path}' is empty (0 bytes); download or copy it again.");

    [Theory]
    [InlineData(4, "the header")]
    [InlineData(7, "the header")]
    [InlineData(23, "the header")]
    public void Truncated_header(int length, string where) => Expect(
        new GgufBytes().ToArray()[..length],
        $"'{Path}' is cut short: its {length} bytes end inside {where}; download or copy it again.");

    [Fact]
    public void Truncated_metadata_value() => Expect(
        new GgufBytes(pairs: 1).Pair("general.alignment", 32).ToArray()[..^2],
        $"'{Path}' is cut short: its 55 bytes end inside the value of 'general.alignment'; download or copy it again.");

    [Fact]
    public void Truncated_tensor_list() => Expect(
        new GgufBytes(tensors: 1).Tensor("a", F32, 0, 4, 4).ToArray()[..^3],
        $"'{Path}' is cut short: its 62 bytes end inside the description of tensor 'a'; download or copy it again.");

    [Fact]
    public void Truncated_data() => Expect(
        new GgufBytes(tensors: 1).Tensor("a", F32, 0, 4, 4).Data(60).ToArray(),
        $"'{Path}' is cut short: tensor 'a' needs 64 bytes at offset 0 of the tensor data, which has 60 bytes (the file has 156); download or copy it again.");

    [Fact]
    public void Offset_past_the_end() => Expect(
        new GgufBytes(tensors: 1).Tensor("a", F32, 1UL << 62, 4).Data(64).ToArray(),
        $"'{Path}' is cut short: tensor 'a' needs 16 bytes at offset 4611686018427387904 of the tensor data, which has 64 bytes (the file has 128); download or copy it again.");

    [Fact]
    public void Other_magic_than_gguf() => Assert.Equal(
        $"'{Path}' is not a GGUF file: it begins with the bytes 47 47 55 58 \"GGUX\"; 'GGUF' was expected.",
        Sentence.Of(() => GgufReader.Open(folder.Write("x.gguf", new GgufBytes(magic: "GGUX").ToArray()))));

    [Theory]
    [InlineData(1u, "is a GGUF file of version 1, which was replaced in 2023; versions 2 and 3 are read; download a newer file of the model.")]
    [InlineData(4u, "is a GGUF file of version 4; versions 2 and 3 are read.")]
    [InlineData(0x03000000u, "is a big-endian GGUF file; only little-endian files are read; download the little-endian file of the model.")]
    public void Versions_that_are_not_read(uint version, string sentence) =>
        Expect(new GgufBytes(version: version).ToArray(), $"'{Path}' {sentence}");

    [Theory]
    [InlineData(1UL << 60)]
    [InlineData(1UL << 31)]
    [InlineData(ulong.MaxValue)]
    public void A_claim_of_many_tensors_costs_nothing(ulong count) => Expect(
        new GgufBytes(tensors: count).ToArray(),
        $"'{Path}' is damaged or cut short: the header claims {count} tensors and only 0 bytes are left after byte 24; download or copy it again.");

    [Theory]
    [InlineData(1UL << 60)]
    [InlineData(ulong.MaxValue)]
    public void A_claim_of_many_pairs_costs_nothing(ulong count) => Expect(
        new GgufBytes(pairs: count).ToArray(),
        $"'{Path}' is damaged or cut short: the header claims {count} metadata pairs and only 0 bytes are left after byte 24; download or copy it again.");

    [Theory]
    [InlineData(GgufValueType.String, "strings")]
    [InlineData(GgufValueType.Array, "arrays")]
    [InlineData(GgufValueType.Float64, "items")]
    [InlineData(GgufValueType.Bool, "items")]
    public void A_claim_of_many_array_items_costs_nothing(object type, string things) => Expect(
        new GgufBytes(pairs: 1).Text("k").UInt32((uint)GgufValueType.Array).UInt32((uint)(GgufValueType)type).UInt64(1UL << 60).ToArray(),
        $"'{Path}' is damaged or cut short: the value of 'k' claims 1152921504606846976 {things} and only 0 bytes are left after byte 49; download or copy it again.");

    [Theory]
    [InlineData(1UL << 60)]
    [InlineData(ulong.MaxValue)]
    public void A_claim_of_a_long_string_costs_nothing(ulong length) => Expect(
        new GgufBytes(pairs: 1).Text("k").UInt32((uint)GgufValueType.String).UInt64(length).Raw(65, 66).ToArray(),
        $"'{Path}' is damaged or cut short: the value of 'k' claims {length} bytes of text and only 2 bytes are left after byte 45; download or copy it again.");

    [Fact]
    public void A_key_of_impossible_length() => Expect(
        new GgufBytes(pairs: 1).UInt64(1UL << 63).Raw(new byte[8]).ToArray(),
        $"'{Path}' is damaged or cut short: metadata key 1 of 1 claims 9223372036854775808 bytes of text and only 8 bytes are left after byte 32; download or copy it again.");

    [Fact]
    public void A_key_that_is_not_text() => Expect(
        new GgufBytes(pairs: 1).UInt64(1).Raw(0xFF).UInt32(0).Raw(1).ToArray(),
        $"'{Path}' is damaged: metadata key 1 of 1 (at byte 24) is not valid UTF-8; download or copy it again.");

    [Fact]
    public void A_key_twice() => Expect(
        new GgufBytes(pairs: 2).Pair("k", 1).Pair("k", 2).ToArray(),
        $"'{Path}' is damaged: the metadata key 'k' occurs twice.");

    [Fact]
    public void Unknown_value_type() => Expect(
        new GgufBytes(pairs: 1).Text("k").UInt32(13).Raw(0).ToArray(),
        $"'{Path}' is damaged or newer than this reader: the value of 'k' has type 13; GGUF defines 0 to 12.");

    [Fact]
    public void A_bool_of_two() => Expect(
        new GgufBytes(pairs: 1).Text("k").UInt32((uint)GgufValueType.Bool).Raw(2).ToArray(),
        $"'{Path}' is damaged: the value of 'k' holds a bool of 2 (at byte 37); 0 or 1 was expected.");

    [Fact]
    public void Arrays_nested_without_end()
    {
        GgufBytes bytes = new GgufBytes(pairs: 1).Text("k").UInt32((uint)GgufValueType.Array);
        for (int i = 0; i < 10_000; i++) bytes.UInt32((uint)GgufValueType.Array).UInt64(1);
        Expect(bytes.ToArray(), $"'{Path}': the value of 'k' nests arrays more than 8 deep; that is not a model's metadata.");
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(48u)]
    [InlineData(uint.MaxValue)]
    public void Impossible_alignment(uint alignment) => Expect(
        new GgufBytes(pairs: 1).Pair("general.alignment", alignment).ToArray(),
        $"'{Path}': 'general.alignment' is {alignment} (UInt32); a power of two stored as UInt32 was expected.");

    [Fact]
    public void A_tensor_twice() => Expect(
        new GgufBytes(tensors: 2).Tensor("a", F32, 0, 4).Tensor("a", F32, 32, 4).Data(64).ToArray(),
        $"'{Path}' is damaged: the tensor name 'a' occurs twice.");

    [Fact]
    public void Overlapping_tensors() => Expect(
        new GgufBytes(tensors: 3).Tensor("b", F32, 32, 4).Tensor("empty", F32, 32, 0).Tensor("a", F32, 0, 12).Data(96).ToArray(),
        $"'{Path}' is damaged: tensors 'a' and 'b' overlap at offset 32 of the tensor data.");

    [Fact]
    public void Overlap_with_a_tensor_of_unsupported_type() => Expect(
        new GgufBytes(tensors: 2).Tensor("a", IQ2_XXS, 0, 256).Tensor("b", F32, 64, 4).Data(96).ToArray(),
        $"'{Path}' is damaged: tensors 'a' and 'b' overlap at offset 64 of the tensor data.");

    [Fact]
    public void Misaligned_offset() => Expect(
        new GgufBytes(tensors: 1).Tensor("a", F32, 8, 4).Data(64).ToArray(),
        $"'{Path}' is damaged: tensor 'a' begins at offset 8, which is not a multiple of the alignment 32.");

    [Fact]
    public void Too_many_dimensions() => Expect(
        new GgufBytes(tensors: 1).Tensor("a", F32, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1).Data(64).ToArray(),
        $"'{Path}' is damaged: tensor 'a' has 9 dimensions; at most 8 were expected.");

    [Theory]
    [InlineData(1UL << 63, 1UL)]
    [InlineData(1UL << 32, 1UL << 32)]
    [InlineData(1UL << 62, 1UL)]
    [InlineData(ulong.MaxValue, ulong.MaxValue)]
    public void Dimensions_that_overflow(ulong first, ulong second) => Expect(
        new GgufBytes(tensors: 1).Tensor("a", F32, 0, first, second).Data(64).ToArray(),
        $"'{Path}' is damaged: the dimensions of tensor 'a' multiply to more than 2^63; download or copy it again.");

    [Fact]
    public void Rows_that_do_not_fill_blocks() => Expect(
        new GgufBytes(tensors: 1).Tensor("a", Q4_K, 0, 128, 2).Data(512).ToArray(),
        $"'{Path}' is damaged: the rows of tensor 'a' have 128 elements, which do not fill whole Q4_K blocks of 256.");

    [Fact]
    public void Directory_and_missing_file()
    {
        Assert.Equal($"'{folder.Path}' is a directory; a file was expected.", Sentence.Of(() => GgufReader.Open(folder.Path)));
        Assert.Equal($"'{Path}' does not exist; check the path.", Sentence.OfOpening(Path));
    }

    [Theory]
    [InlineData(IQ2_XXS, "IQ2_XXS", 66, "IQ2_XXS (ggml type 16), which cannot be read here; use a file of the model in another type, such as Q4_K, Q8_0 or F16.")]
    [InlineData(5u, "Q4_3", 96, "Q4_3 (ggml type 5), which cannot be read here; use a file of the model in another type, such as Q4_K, Q8_0 or F16.")]
    [InlineData(999u, "type 999", 96, "ggml type 999, which is not known here; the file is damaged or newer than this reader.")]
    public void A_tensor_of_unsupported_type_is_listed_and_fails_when_taken(uint type, string name, long storedBytes, string sentence)
    {
        folder.Write("x.gguf", new GgufBytes(tensors: 2).Tensor("a", type, 0, 256).Tensor("b", F32, 96, 4).Data(112).ToArray());

        using Checkpoint checkpoint = CheckpointReader.Open(Path);

        TensorEntry tensor = checkpoint.Tensors["a"];
        Assert.False(tensor.IsSupported);
        Assert.Equal($"a {name} [256]", tensor.ToString());
        Assert.Equal(storedBytes, tensor.StoredBytes);
        Assert.Equal($"'{Path}': tensor 'a' is stored as {sentence}", Sentence.Of(() => _ = tensor.Data));
        Assert.Equal($"'{Path}': tensor 'a' is stored as {sentence}", Sentence.Of(() => _ = tensor.DType));
        Assert.Equal(16, checkpoint.Tensors["b"].Data.Length);
    }

    [Fact]
    public void Text_that_is_not_utf8_is_read_with_replacements()
    {
        folder.Write("x.gguf", new GgufBytes(pairs: 1).Text("k").UInt32((uint)GgufValueType.String).UInt64(2).Raw(0xFF, 0x41).ToArray());
        using Checkpoint checkpoint = CheckpointReader.Open(Path);
        Assert.Equal("\uFFFDA", checkpoint.Metadata!.String("k"));
    }

    private void Expect(byte[] file, string sentence)
    {
        folder.Write("x.gguf", file);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(sentence, Sentence.OfOpening(Path));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }
}
