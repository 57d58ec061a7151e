using System.Text;
using Caravan.Kernels;
using Caravan.Testing;

namespace Caravan.Formats.Tests;

public sealed class PyTorchReaderTests
{
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public void Every_type_is_read_in_place(bool zip64, bool deflatePickle)
    {
        using TemporaryFolder folder = new();
        DType[] types = [.. PickleWriter.StorageNames.Keys];
        PickleWriter pickle = new PickleWriter().EmptyOrderedDict().Raw('(');
        List<(string, byte[])> storages = [];
        foreach (DType type in types)
        {
            byte[] data = new byte[6 * type.BlockBytes()];
            new Random((int)type).NextBytes(data);
            storages.Add(($"{storages.Count}", data));
            pickle.Text(type.ToString()).Tensor(type, $"{storages.Count - 1}", 6, 0, [2, 3], [3, 1]);
        }

        byte[] file = TorchFiles.Writer(pickle.Raw('u').Stop(), [.. storages], zip64, deflatePickle).Bytes();
        using Checkpoint checkpoint = PyTorchReader.Open(folder.Write("model.bin", file));
        Assert.Equal("PyTorch", checkpoint.Format);
        Assert.Null(checkpoint.Metadata);
        Assert.Equal(types.Select(type => type.ToString()), checkpoint.Tensors.Keys);
        foreach (((DType type, TensorEntry entry), (_, byte[] data)) in types.Zip(checkpoint.Tensors.Values).Zip(storages))
        {
            Assert.Equal(type, entry.DType);
            Assert.Equal("[2, 3]", entry.ShapeText);
            Assert.Equal(data, entry.Data.AsSpan().ToArray());
        }
    }

    [Fact]
    public void A_view_is_cut_out_of_its_storage()
    {
        PickleWriter pickle = new PickleWriter().Raw('}').Raw('(')
            .Text("rows").Tensor(DType.F32, "0", 12, 4, [2, 2], [2, 1])
            .Text("scalar").Tensor(DType.F32, "0", 12, 11, [], [])
            .Text("empty").Tensor(DType.F32, "0", 12, 0, [0, 3], [3, 1])
            .Text("odd stride of one").Tensor(DType.F32, "0", 12, 3, [1, 3], [77, 1]).Raw('u');
        AssertTensors(TorchFiles.Zip(pickle.Stop(), ("0", TorchFiles.Counting(12))), tensors =>
        {
            Assert.Equal([4, 5, 6, 7], TorchFiles.Values(tensors["rows"]));
            Assert.Equal([11], TorchFiles.Values(tensors["scalar"]));
            Assert.Equal("[]", tensors["scalar"].ShapeText);
            Assert.Equal(0, tensors["empty"].Data.Length);
            Assert.Equal([3, 4, 5], TorchFiles.Values(tensors["odd stride of one"]));
        });
    }

    [Fact]
    public void Strided_tensors_are_laid_out_row_by_row()
    {
        PickleWriter pickle = new PickleWriter().Raw('}').Raw('(')
            .Text("transposed").Tensor(DType.F32, "0", 12, 0, [4, 3], [1, 4])
            .Text("expanded").Tensor(DType.F32, "0", 12, 5, [2, 3, 2], [0, 1, 0])
            .Text("every second").Tensor(DType.F32, "0", 12, 1, [5], [2])
            .Text("permuted").Tensor(DType.F32, "0", 12, 0, [2, 2, 3], [3, 6, 1]).Raw('u');
        AssertTensors(TorchFiles.Zip(pickle.Stop(), ("0", TorchFiles.Counting(12))), tensors =>
        {
            Assert.Equal([0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11], TorchFiles.Values(tensors["transposed"]));
            Assert.Equal([5, 5, 6, 6, 7, 7, 5, 5, 6, 6, 7, 7], TorchFiles.Values(tensors["expanded"]));
            Assert.Equal([1, 3, 5, 7, 9], TorchFiles.Values(tensors["every second"]));
            Assert.Equal([0, 1, 2, 6, 7, 8, 3, 4, 5, 9, 10, 11], TorchFiles.Values(tensors["permuted"]));
        });
    }

    [Theory]
    [InlineData(DType.U8)]
    [InlineData(DType.BF16)]
    [InlineData(DType.F64)]
    public void Strided_tensors_of_every_element_size_keep_their_bytes(DType type)
    {
        int size = type.BlockBytes();
        byte[] data = new byte[6 * size];
        new Random(1).NextBytes(data);
        PickleWriter pickle = new PickleWriter().Raw('}').Text("t").Tensor(type, "0", 6, 0, [3, 2], [1, 3]).Raw('s');
        AssertTensors(TorchFiles.Zip(pickle.Stop(), ("0", data)), tensors =>
        {
            byte[] expected = [.. new[] { 0, 3, 1, 4, 2, 5 }.SelectMany(i => data[(i * size)..((i + 1) * size)])];
            Assert.Equal(expected, tensors["t"].Data.AsSpan().ToArray());
        });
    }

    [Fact]
    public void Storages_may_be_shared_and_seen_as_other_types()
    {
        PickleWriter pickle = new PickleWriter().Raw('}').Raw('(')
            .Text("a").Vector("0", 4)
            .Text("b").Vector("0", 4)
            .Text("bits").Tensor(DType.I32, "0", 4, 1, [2], [1])
            .Text("typed").Global("torch._utils", "_rebuild_tensor_v3").Raw('(').Storage("UntypedStorage", "0", 16, module: "torch.storage")
            .Number(2).Tuple(2).Tuple(1).Raw(0x89).EmptyOrderedDict().Global("torch", "float32").Raw('t').Raw('R').Raw('u');
        AssertTensors(TorchFiles.Zip(pickle.Stop(), ("0", TorchFiles.Counting(4))), tensors =>
        {
            Assert.Equal([0, 1, 2, 3], TorchFiles.Values(tensors["a"]));
            Assert.Equal([0, 1, 2, 3], TorchFiles.Values(tensors["b"]));
            Assert.Equal(DType.I32, tensors["bits"].DType);
            Assert.Equal([1f, 2f], TorchFiles.Values(tensors["bits"]));
            Assert.Equal([2, 3], TorchFiles.Values(tensors["typed"]));
        });
    }

    [Theory]
    [InlineData("state_dict")]
    [InlineData("model")]
    [InlineData("anything")]
    public void A_nested_dictionary_is_found_and_other_values_are_left_out(string name)
    {
        PickleWriter pickle = new PickleWriter().Raw('}').Raw('(')
            .Text("epoch").Number(3)
            .Text("rate").Raw((byte)'G', 0x3f, 0xe0, 0, 0, 0, 0, 0, 0)
            .Text("seen").Global("__builtin__", "set").Raw(']').Raw(0x85).Raw('R')
            .Text("bytes").Global("_codecs", "encode").Text("ab").Text("latin1").Raw(0x86).Raw('R')
            .Text("device").Global("torch", "device").Text("cpu").Raw(0x85).Raw('R')
            .Text("type").Global("torch", "float8_e4m3fn")
            .Text("large").Raw([0x8a, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9])
            .Text(name).EmptyOrderedDict().Raw('(')
            .Text("w").Vector("0", 2)
            .Text("step").Number(100000).Raw('u')
            .Raw('}').Text("_metadata").EmptyOrderedDict().Raw('s').Raw('b').Raw('u');
        AssertTensors(TorchFiles.Zip(pickle.Stop(), ("0", TorchFiles.Counting(2))), tensors => Assert.Equal(["w"], tensors.Keys));
    }

    [Fact]
    public void Of_several_dictionaries_the_model_is_taken_and_without_one_none()
    {
        byte[] Pickle(string first, string second) => new PickleWriter().Raw('}').Raw('(')
            .Text(first).Raw('}').Text("m").Vector("0", 2).Raw('s')
            .Text(second).Raw('}').Text("w").Vector("0", 2).Raw('s').Raw('u').Stop();
        (string, byte[]) storage = ("0", TorchFiles.Counting(2));
        AssertTensors(TorchFiles.Zip(Pickle("optimizer", "model"), storage), tensors => Assert.Equal(["w"], tensors.Keys));
        Assert.Equal(
            "'x.bin' holds 2 dictionaries of tensors ('generator', 'critic') and none goes by 'state_dict' or 'model_state_dict' or 'model' or 'module'; " +
            "save the model's own to a file of its own.",
            TorchFiles.Refusal(TorchFiles.Zip(Pickle("generator", "critic"), storage)));
        Assert.Equal(
            "'x.bin' holds no dictionary of tensors; save the model's state_dict, best as safetensors.",
            TorchFiles.Refusal(TorchFiles.Zip(new PickleWriter().Vector("0", 2).Stop(), storage)));
    }

    [Fact]
    public void Parameters_and_tensors_with_attributes_are_tensors()
    {
        PickleWriter pickle = new PickleWriter().Raw('}').Raw('(')
            .Text("parameter").Global("torch._utils", "_rebuild_parameter").Raw('(').Vector("0", 2).Raw(0x88).EmptyOrderedDict().Raw('t').Raw('R')
            .Text("attributes").Global("torch._tensor", "_rebuild_from_type_v2").Raw('(')
            .Global("torch._utils", "_rebuild_tensor_v2").Global("torch.nn.parameter", "Parameter")
            .Raw('(').Storage("FloatStorage", "0", 2).Number(1).Tuple(1).Tuple(1).Raw(0x89).EmptyOrderedDict().Raw('t')
            .Raw('}').Raw('t').Raw('R').Raw('u');
        AssertTensors(TorchFiles.Zip(pickle.Stop(), ("0", TorchFiles.Counting(2))), tensors =>
        {
            Assert.Equal([0, 1], TorchFiles.Values(tensors["parameter"]));
            Assert.Equal([1], TorchFiles.Values(tensors["attributes"]));
        });
    }

    [Fact]
    public void Protocol_4_with_frames_memo_and_stack_globals_is_read()
    {
        PickleWriter inner = new PickleWriter(4).Raw([0x95, 20, 0, 0, 0, 0, 0, 0, 0]).Raw('}').Raw(0x94).Raw('(')
            .Raw([0x8c, 1]).Raw("w"u8).Raw(0x94)
            .Raw([0x8c, 12]).Raw("torch._utils"u8).Raw(0x94).Raw([0x8c, 18]).Raw("_rebuild_tensor_v2"u8).Raw(0x94).Raw(0x93)
            .Raw('(').Storage("FloatStorage", "0", 2).Number(0).Tuple(2).Raw('(').Number(1).Raw('t').Raw(0x89).EmptyOrderedDict().Raw('t').Raw('R')
            .Text("again").Raw((byte)'h', 1).Raw('u');
        AssertTensors(TorchFiles.Zip(inner.Stop(), ("0", TorchFiles.Counting(2))), tensors => Assert.Equal([0, 1], TorchFiles.Values(tensors["w"])));
    }

    [Fact]
    public void The_stream_before_1_6_is_read()
    {
        using TemporaryFolder folder = new();
        byte[] pickle = new PickleWriter().EmptyOrderedDict().Raw('(')
            .Text("b").Tensor(DType.F32, "94100", 3, 0, [3], [1], legacy: true)
            .Text("a").Tensor(DType.F32, "94200", 4, 0, [2, 2], [1, 2], legacy: true).Raw('u').Stop();
        byte[] file = TorchFiles.Legacy(pickle, 4, ("94100", TorchFiles.Floats(7, 8, 9)), ("94200", TorchFiles.Counting(4)));
        using Checkpoint checkpoint = PyTorchReader.Open(folder.Write("model.bin", file));
        Assert.Equal("PyTorch (before 1.6)", checkpoint.Format);
        Assert.Equal(["b", "a"], checkpoint.Tensors.Keys);
        Assert.Equal([7, 8, 9], TorchFiles.Values(checkpoint.Tensors["b"]));
        Assert.Equal([0, 2, 1, 3], TorchFiles.Values(checkpoint.Tensors["a"]));
        Assert.StartsWith("'x.bin' is cut off: the storage '94200' of 4 F32 at byte ", TorchFiles.Refusal(file[..^1]), StringComparison.Ordinal);
    }

    [Fact]
    public void Files_of_other_kinds_are_refused_by_name()
    {
        byte[] tar = new byte[1024];
        Encoding.ASCII.GetBytes("ustar").CopyTo(tar, 257);
        Assert.Contains("is a tar archive, as PyTorch wrote before 0.1.10", TorchFiles.Refusal(tar), StringComparison.Ordinal);
        Assert.Contains("is neither a zip archive nor a pickle", TorchFiles.Refusal("hello"u8.ToArray()), StringComparison.Ordinal);
        byte[] script = TorchFiles.Writer(new PickleWriter().Raw('}').Stop(), []).Add("archive/constants.pkl", "x"u8).Bytes();
        Assert.Contains("is a TorchScript program, which Caravan does not run", TorchFiles.Refusal(script), StringComparison.Ordinal);
        byte[] big = new ZipWriter().Add("a/data.pkl", new PickleWriter().Raw('}').Stop()).Add("a/byteorder", "big"u8).Bytes();
        Assert.Contains("does not say that its bytes are in little-endian order", TorchFiles.Refusal(big), StringComparison.Ordinal);
        Assert.Contains("0 files 'data.pkl' where a PyTorch checkpoint has one", TorchFiles.Refusal(new ZipWriter().Add("readme", "x"u8).Bytes()), StringComparison.Ordinal);
    }

    [Fact]
    public void The_catalog_opens_files_and_sharded_folders()
    {
        using TemporaryFolder folder = new();
        byte[] Shard(string name, float value) =>
            TorchFiles.Zip(new PickleWriter().Raw('}').Text(name).Vector("0", 2).Raw('s').Stop(), ("0", TorchFiles.Floats(value, value)));
        folder.Write("config.json", "{\"model_type\": \"llama\"}"u8);
        string file = folder.Write("pytorch_model-00001-of-00002.bin", Shard("a", 1));
        folder.Write("pytorch_model-00002-of-00002.bin", Shard("b", 2));
        folder.Write(
            "pytorch_model.bin.index.json",
            "{\"weight_map\": {\"a\": \"pytorch_model-00001-of-00002.bin\", \"b\": \"pytorch_model-00002-of-00002.bin\"}}"u8);
        using (Checkpoint checkpoint = CheckpointReader.Open(folder.Path))
        {
            Assert.Equal("PyTorch (2 files)", checkpoint.Format);
            Assert.Equal([1, 1], TorchFiles.Values(checkpoint.Tensors["a"]));
            Assert.Equal([2, 2], TorchFiles.Values(checkpoint.Tensors["b"]));
        }

        using Checkpoint alone = CheckpointReader.Open(file);
        Assert.Equal(["a"], alone.Tensors.Keys);
        Assert.Equal("llama", alone.Config?.GetProperty("model_type").GetString());
    }

    private static void AssertTensors(byte[] file, Action<IReadOnlyDictionary<string, TensorEntry>> assert)
    {
        using TemporaryFolder folder = new();
        using Checkpoint checkpoint = PyTorchReader.Open(folder.Write("model.bin", file));
        assert(checkpoint.Tensors);
    }
}
