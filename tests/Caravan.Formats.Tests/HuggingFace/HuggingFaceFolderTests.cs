using System.Text;
using Caravan.Kernels;
using Caravan.Testing;

namespace Caravan.Formats.Tests;

public sealed class HuggingFaceFolderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string Index => folder.File("model.safetensors.index.json");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Folder_without_config() => Assert.Equal(
        $"The folder '{folder.Path}' has no config.json; give a folder with a downloaded model, or a model file.", Sentence.OfOpening(folder.Path));

    [Fact]
    public void Folder_with_other_models()
    {
        folder.Write("b.gguf", [1]);
        folder.Write("a.gguf", [1]);
        Assert.Equal(
            $"The folder '{folder.Path}' has no config.json; it holds 'a.gguf', 'b.gguf', which can be given as a file.", Sentence.OfOpening(folder.Path));
    }

    [Fact]
    public void Config_without_weights()
    {
        Write("config.json", "{}");
        Assert.Equal(
            $"The folder '{folder.Path}' has a config.json and neither model.safetensors (or its index) nor pytorch_model.bin (or its index); " +
            "give a folder with a downloaded model, or a model file.",
            Sentence.OfOpening(folder.Path));
    }

    [Theory]
    [InlineData("", "is empty (0 bytes); download or copy it again.")]
    [InlineData("{\"a\":\n 1,}", "is not valid JSON at line 2, byte 4; download or correct it.")]
    [InlineData("{} x", "is not valid JSON at line 1, byte 4; download or correct it.")]
    [InlineData("[1]", "holds a JSON Array; an object was expected.")]
    [InlineData("{\"a\":\"\\ud800\"}", "holds text that is not valid UTF-8; download or correct it.")]
    public void Broken_config(string config, string sentence)
    {
        Write("config.json", config);
        Assert.Equal($"'{folder.File("config.json")}' {sentence}", Sentence.OfOpening(folder.Path));
    }

    [Fact]
    public void Config_as_python_writes_it()
    {
        Write("config.json", "\uFEFF{\"limits\": [0.0, Infinity, -Infinity, NaN], \"text\": \"Infinity \\\" NaN\"}");
        Write("model.safetensors", "\u0002\0\0\0\0\0\0\0{}");

        using Checkpoint checkpoint = CheckpointReader.Open(folder.Path);

        Assert.Equal("[0.0, \"Infinity\", \"-Infinity\", \"NaN\"]", checkpoint.Config!.Value.GetProperty("limits").GetRawText());
        Assert.Equal("Infinity \" NaN", checkpoint.Config.Value.GetProperty("text").GetString());
    }

    [Fact]
    public void A_single_file_beside_a_broken_config()
    {
        Write("config.json", "{");
        string path = Write("model.safetensors", "\u0002\0\0\0\0\0\0\0{}");
        Assert.Equal($"'{folder.File("config.json")}' is not valid JSON at line 1, byte 2; download or correct it.", Sentence.OfOpening(path));
    }

    [Theory]
    [InlineData("{}", "has no object 'weight_map', which should say which file holds which tensor.")]
    [InlineData("{\"weight_map\": []}", "has no object 'weight_map', which should say which file holds which tensor.")]
    [InlineData("{\"weight_map\": {\"a\": \"missing.safetensors\"}}", "names the file 'missing.safetensors', which is not in the same folder; download it.")]
    [InlineData("{\"weight_map\": {\"a\": \"one.safetensors\", \"c\": \"one.safetensors\"}}", "says that 'one.safetensors' holds the tensor 'c', which it does not; download both again.")]
    [InlineData("{\"weight_map\": {\"a\": \"one.safetensors\", \"a\": \"one.safetensors\"}}", "is damaged: 'weight_map' names the tensor 'a' twice.")]
    public void Broken_index(string index, string sentence)
    {
        WriteShards(index);
        Assert.Equal($"'{Index}' {sentence}", Sentence.OfOpening(folder.Path));
    }

    [Theory]
    [InlineData("\"../secret\"")]
    [InlineData("\"/etc/passwd\"")]
    [InlineData("\"sub/one.safetensors\"")]
    [InlineData("\"..\"")]
    [InlineData("\"\"")]
    [InlineData("\"c:\\\\x\"")]
    [InlineData("1")]
    public void An_index_cannot_reach_outside_its_folder(string shard)
    {
        WriteShards($"{{\"weight_map\": {{\"a\": {shard}}}}}");
        Assert.Equal(
            $"'{Index}': 'weight_map' gives {shard} for the tensor 'a'; the plain name of a file in the same folder was expected.", Sentence.OfOpening(folder.Path));
    }

    [Fact]
    public void An_index_decides_which_tensors_there_are()
    {
        WriteShards("{\"weight_map\": {\"b\": \"two.safetensors\", \"a\": \"one.safetensors\"}}");
        using Checkpoint checkpoint = CheckpointReader.Open(folder.Path);
        Assert.Equal("safetensors (2 files)", checkpoint.Format);
        Assert.Equal(["b", "a"], checkpoint.Tensors.Keys);
    }

    [Fact]
    public void PyTorch_weights_are_read_in_one_file_and_in_shards()
    {
        Write("config.json", "{\"model_type\": \"opt\"}");
        byte[] Weights(string name) => TorchFiles.Zip(
            new PickleWriter().Raw('}').Text(name).Tensor(DType.F32, "0", 2, 0, [2], [1]).Raw('s').Stop(), ("0", TorchFiles.Floats(1, 2)));

        folder.Write("one.bin", Weights("a"));
        folder.Write("two.bin", Weights("b"));
        Write("pytorch_model.bin.index.json", "{\"weight_map\": {\"a\": \"one.bin\", \"b\": \"two.bin\"}}");
        using (Checkpoint shards = CheckpointReader.Open(folder.Path))
        {
            Assert.Equal("PyTorch (2 files)", shards.Format);
            Assert.Equal([1f, 2f], TorchFiles.Values(shards.Tensors["b"]));
        }

        string path = folder.Write("pytorch_model.bin", Weights("c"));
        foreach (string opened in (string[])[folder.Path, path])
        {
            using Checkpoint single = CheckpointReader.Open(opened);
            Assert.Equal("PyTorch", single.Format);
            Assert.Equal("opt", single.Config!.Value.GetProperty("model_type").GetString());
            Assert.Equal(["c"], single.Tensors.Keys);
        }
    }

    private string Write(string name, string text) => folder.Write(name, Encoding.UTF8.GetBytes(text));

    private void WriteShards(string index)
    {
        Write("config.json", "{}");
        Write("model.safetensors.index.json", index);
        SafetensorsWriter.Write(folder.File("one.safetensors"), [new TensorSource("a", DType.U8, [1], stream => stream.WriteByte(1))]);
        SafetensorsWriter.Write(folder.File("two.safetensors"), [new TensorSource("b", DType.U8, [1], stream => stream.WriteByte(2))]);
    }
}
