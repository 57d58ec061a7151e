using System.Text;
using Caravan.Testing;

namespace Caravan.Formats.Tests;

public sealed class SafetensorsBadInputTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string Path => folder.File("x.safetensors");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Empty_file() => Expect([], $"'{Path}' is empty (0 bytes); download or copy it again.");

    [Fact]
    public void Cut_inside_the_length() => Expect(
        [1, 2, 3], $"'{Path}' is cut short: it has 3 bytes, and a safetensors file begins with 8 bytes of header length.");

    [Fact]
    public void Cut_inside_the_header() => Expect(
        File("{\"a\":{}}")[..12], $"'{Path}' is cut short: its header claims 8 bytes and 4 are there; download or copy it again.");

    [Theory]
    [InlineData(1UL << 60)]
    [InlineData(ulong.MaxValue)]
    public void A_claim_of_a_large_header_costs_nothing(ulong length) => Expect(
        [.. BitConverter.GetBytes(length), .. "{}"u8],
        $"'{Path}' is not a sound safetensors file: its header claims {length} bytes; at most 100000000 are allowed.");

    [Theory]
    [InlineData("{\"a\":", "is damaged: its header is not valid JSON near byte 13; download or copy it again.")]
    [InlineData("{\"a\":}", "is damaged: its header is not valid JSON near byte 13; download or copy it again.")]
    [InlineData("{} {}", "is damaged: its header is not valid JSON near byte 11; download or copy it again.")]
    [InlineData("[]", "is damaged: the header is a JSON StartArray; StartObject was expected.")]
    [InlineData("{\"a\":1}", "is damaged: tensor 'a' is a JSON Number; StartObject was expected.")]
    [InlineData("{\"a\":{}}", "is damaged: tensor 'a' needs 'dtype', 'shape' and two 'data_offsets' in the header.")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4,8]}}", "is damaged: tensor 'a' needs 'dtype', 'shape' and two 'data_offsets' in the header.")]
    [InlineData("{\"a\":{\"dtype\":1}}", "is damaged: 'dtype' of tensor 'a' is a JSON Number; String was expected.")]
    [InlineData("{\"a\":{\"shape\":1}}", "is damaged: 'shape' of tensor 'a' is a JSON Number; StartArray was expected.")]
    [InlineData("{\"a\":{\"shape\":[-1]}}", "is damaged: 'shape' of tensor 'a' must hold whole numbers from 0 to 2^63-1.")]
    [InlineData("{\"a\":{\"shape\":[1.5]}}", "is damaged: 'shape' of tensor 'a' must hold whole numbers from 0 to 2^63-1.")]
    [InlineData("{\"a\":{\"data_offsets\":[9223372036854775808]}}", "is damaged: 'data_offsets' of tensor 'a' must hold whole numbers from 0 to 2^63-1.")]
    [InlineData("{\"__metadata__\":{\"k\":1}}", "is damaged: 'k' in '__metadata__' is a JSON Number; String was expected.")]
    [InlineData("{\"\\ud800\":1}", "is damaged: its header holds text that is not valid UTF-8 near byte 18.")]
    public void Headers_of_the_wrong_form(string header, string sentence) => ExpectFile(File(header), sentence);

    [Fact]
    public void A_tensor_twice() => ExpectFile(
        File("{" + Tensor("a", "F32", "1", 0, 4) + "," + Tensor("a", "F32", "1", 4, 8) + "}", 8),
        "is damaged: the tensor name 'a' occurs twice in its header.");

    [Fact]
    public void End_before_begin() => ExpectFile(
        File("{" + Tensor("a", "F32", "1", 8, 4) + "}", 8), "is damaged: tensor 'a' ends at 4, before it begins at 8.");

    [Fact]
    public void End_past_the_file() => ExpectFile(
        File("{" + Tensor("a", "F32", "4", 0, 16) + "}", 12),
        "is cut short: tensor 'a' ends at byte 16 of the tensor data, which has 12 bytes; download or copy it again.");

    [Fact]
    public void Size_that_does_not_fit_the_shape() => ExpectFile(
        File("{" + Tensor("a", "BF16", "2,3", 0, 16) + "}", 16),
        "is damaged: tensor 'a' (BF16 [2, 3]) needs 12 bytes, and its data_offsets give it 16.");

    [Theory]
    [InlineData("4294967296,4294967296")]
    [InlineData("9223372036854775807,2")]
    public void Dimensions_that_overflow(string shape) => ExpectFile(
        File("{" + Tensor("a", "F32", shape, 0, 16) + "}", 16),
        "is damaged: the dimensions of tensor 'a' multiply to more than 2^63; download or copy it again.");

    [Fact]
    public void Overlap() => ExpectFile(
        File("{" + Tensor("b", "F32", "2", 4, 12) + "," + Tensor("a", "F32", "2", 0, 8) + "}", 12),
        "is damaged: tensor 'b' begins at byte 4 of the tensor data and the one before it ends at 8; tensors may not overlap.");

    [Fact]
    public void Hole() => ExpectFile(
        File("{" + Tensor("a", "F32", "1", 0, 4) + "," + Tensor("b", "F32", "1", 8, 12) + "}", 12),
        "is damaged: tensor 'b' begins at byte 8 of the tensor data and the one before it ends at 4; no holes are allowed.");

    [Fact]
    public void Data_that_no_tensor_names() => ExpectFile(
        File("{" + Tensor("a", "F32", "1", 0, 4) + "}", 10), "is damaged: 6 bytes follow its last tensor, which no tensor names.");

    [Theory]
    [InlineData("F8_E4M3", 4)]
    [InlineData("F4", 2)]
    [InlineData("U16", 8)]
    [InlineData("F99", 7)]
    public void A_tensor_of_unsupported_type_is_listed_and_fails_when_taken(string type, int bytes)
    {
        folder.Write("x.safetensors", File("{" + Tensor("a", type, "4", 0, bytes) + "," + Tensor("b", "U8", "2", bytes, bytes + 2) + "}", bytes + 2));

        using Checkpoint checkpoint = CheckpointReader.Open(Path);

        TensorEntry tensor = checkpoint.Tensors["a"];
        Assert.Equal($"a {type} [4]", tensor.ToString());
        Assert.Equal(bytes, tensor.StoredBytes);
        Assert.Equal(
            $"'{Path}': tensor 'a' is stored as {type}, which cannot be read here; use a checkpoint in F32, F16 or BF16.",
            Sentence.Of(() => _ = tensor.Data));
        Assert.Equal(2, checkpoint.Tensors["b"].Data.Length);
    }

    [Fact]
    public void Unknown_properties_and_empty_tensors_are_no_fault()
    {
        string odd = "\"o\":{\"note\":{\"x\":[1]},\"shape\":[0,9223372036854775807,9],\"dtype\":\"F32\",\"data_offsets\":[4,4]}";
        folder.Write("x.safetensors", File("{" + odd + "," + Tensor("a", "F32", "", 0, 4) + "}   ", 4));

        using Checkpoint checkpoint = CheckpointReader.Open(Path);

        Assert.Equal(0, checkpoint.Tensors["o"].Data.Length);
        Assert.Equal("[]", checkpoint.Tensors["a"].ShapeText);
    }

    private static string Tensor(string name, string type, string shape, long begin, long end) =>
        $"\"{name}\":{{\"dtype\":\"{type}\",\"shape\":[{shape}],\"data_offsets\":[{begin},{end}]}}";

    private static byte[] File(string header, int dataBytes = 0) =>
        [.. BitConverter.GetBytes((long)Encoding.UTF8.GetByteCount(header)), .. Encoding.UTF8.GetBytes(header), .. new byte[dataBytes]];

    private void ExpectFile(byte[] file, string sentence) => Expect(file, $"'{Path}' {sentence}");

    private void Expect(byte[] file, string sentence)
    {
        folder.Write("x.safetensors", file);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(sentence, Sentence.Of(() => SafetensorsReader.Open(Path).Dispose()));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }
}
