using System.Text;
using Caravan.Testing;

namespace Caravan.Formats.Tests;

public sealed class CheckpointReaderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("Hello, world", "is in no known model format: it begins with the bytes 48 65 6C 6C 6F 2C 20 77 \"Hello, w\"; known are ")]
    [InlineData("x", "is in no known model format: it begins with the bytes 78 \"x\"; known are ")]
    [InlineData("version https://git-lfs.github.com/spec/v1\n", "is a Git LFS pointer and not the model itself; run 'git lfs pull' in its folder.")]
    [InlineData("<!DOCTYPE html>", "is a web page and not a model; check the address it was downloaded from.")]
    [InlineData("{\"model_type\": \"llama\"}", "is a JSON file and not a model; give the folder that holds it.")]
    [InlineData("tjgg\u0001\0\0\0", "is a GGJT file from before GGUF; convert it with a llama.cpp of 2023, or download a GGUF file of the model.")]
    public void Content_that_is_no_model(string content, string sentence)
    {
        string path = folder.Write("model.gguf", Encoding.ASCII.GetBytes(content));
        Assert.StartsWith($"'{path}' {sentence}", Sentence.OfOpening(path), StringComparison.Ordinal);
    }

    [Fact]
    public void Formats_go_by_content_and_not_by_name()
    {
        string gguf = folder.File("model.safetensors"), safetensors = folder.File("model.gguf");
        GgufWriter.Write(gguf, new GgufMetadata(), []);
        SafetensorsWriter.Write(safetensors, []);
        using Checkpoint first = CheckpointReader.Open(gguf), second = CheckpointReader.Open(safetensors);
        Assert.Equal("GGUF v3", first.Format);
        Assert.Equal("safetensors", second.Format);
    }

    [Fact]
    public void Paths_that_lead_nowhere()
    {
        Assert.Equal($"'{folder.File("no")}' does not exist; check the path.", Sentence.OfOpening(folder.File("no")));
        Assert.Equal("'' is not a path; give a model file or folder.", Sentence.OfOpening(""));
        Assert.Equal("'a\0b' is not a path; give a model file or folder.", Sentence.OfOpening("a\0b"));
    }

    [FixtureFact]
    public void Llama2c_files_are_recognised()
    {
        using Checkpoint checkpoint = CheckpointReader.Open(Fixtures.PathOf("real", "stories260K.bin"));
        Assert.StartsWith("llama2.c", checkpoint.Format, StringComparison.Ordinal);
    }

    [FixtureFact]
    public void A_file_of_rwkv_cpp_is_named()
    {
        string path = Fixtures.PathOf("real", "tiny-rwkv-660K-FP32.bin");
        Assert.Equal(
            $"'{path}' is a GGMF file from before GGUF; convert it with a llama.cpp of 2023, or download a GGUF file of the model.", Sentence.OfOpening(path));
    }
}
