using Caravan.Kernels;

namespace Caravan.Formats.Tests;

/// <summary>Tensors that do not fit their storages, and storages that do not fit the file.</summary>
public sealed class TorchTensorsTests
{
    [Theory]
    [InlineData(0, 2, 1, 7, "has shape [2, 7] and its last element at index 13 of a storage of 48 bytes of F32; download it again")]
    [InlineData(12, 1, 1, 1, "has shape [1, 1] and its last element at index 12 of a storage of 48 bytes of F32; download it again")]
    [InlineData(-1, 2, 1, 2, "has an impossible shape [2, 2], strides [2, 1] or offset -1; download it again")]
    [InlineData(0, -2, 1, 2, "has an impossible shape [-2, 2], strides [2, 1] or offset 0; download it again")]
    [InlineData(0, 2, -1, 2, "has an impossible shape [2, 2], strides [2, -1] or offset 0; download it again")]
    [InlineData(0, long.MaxValue, 0, long.MaxValue, "has shape [9223372036854775807, 9223372036854775807] and its last element at index ")]
    [InlineData(long.MaxValue, long.MaxValue, long.MaxValue, long.MaxValue, "has shape [9223372036854775807, 9223372036854775807] and its last element at index ")]
    public void An_extent_outside_the_storage_is_refused(long offset, long rows, long columnStride, long columns, string problem) =>
        Assert.StartsWith($"The tensor 'w' of 'x.bin' {problem}", Refusal(12, offset, [rows, columns], [columns, columnStride]), StringComparison.Ordinal);

    [Fact]
    public void Shape_and_strides_must_be_of_one_length() =>
        Assert.Equal("The tensor 'w' of 'x.bin' has an impossible shape [2, 2], strides [1] or offset 0; download it again.", Refusal(12, 0, [2, 2], [1]));

    [Fact]
    public void An_expanded_tensor_may_not_fill_the_memory()
    {
        string sentence = Refusal(12, 0, [1L << 40], [0]);
        Assert.StartsWith("The tensor 'w' of 'x.bin' repeats few stored elements to fill 4398046511104 bytes, beyond what a file of ", sentence, StringComparison.Ordinal);
        Assert.EndsWith(" may ask for; save it again after contiguous().", sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(13)]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    public void A_storage_of_another_size_is_refused(long elements) =>
        Assert.Equal(
            $"The tensor 'w' of 'x.bin' lies in a storage of {elements} F32, for which the file holds 48 bytes; download it again.",
            Refusal(elements, 0, [2], [1]));

    [Fact]
    public void A_missing_storage_is_refused() =>
        Assert.Equal(
            "'x.bin' cannot be read as a zip archive: a tensor lies in 'archive/data/7', which is not in the archive; download it again or save it again with torch.save.",
            TorchFiles.Refusal(TorchFiles.Zip(new PickleWriter().Raw('}').Text("w").Vector("7", 2).Raw('s').Stop())));

    [Fact]
    public void Types_that_are_not_read_are_refused_by_name()
    {
        PickleWriter pickle = new PickleWriter().Raw('}').Text("w").Global("torch._utils", "_rebuild_tensor_v3").Raw('(')
            .Storage("UntypedStorage", "0", 48, module: "torch.storage").Number(0).Tuple(4).Tuple(1).Raw(0x89).EmptyOrderedDict()
            .Global("torch", "float8_e4m3fn").Raw('t').Raw('R').Raw('s');
        Assert.Equal(
            "The tensor 'w' of 'x.bin' has elements of the type torch.float8_e4m3fn, which Caravan does not read; convert it to float32, float16 or bfloat16.",
            TorchFiles.Refusal(TorchFiles.Zip(pickle.Stop(), ("0", TorchFiles.Counting(12)))));
    }

    [Fact]
    public void Lazily_negated_tensors_are_refused()
    {
        PickleWriter pickle = new PickleWriter().Raw('}').Text("w").Global("torch._utils", "_rebuild_tensor_v2").Raw('(').Storage("FloatStorage", "0", 12)
            .Number(0).Tuple(2).Tuple(1).Raw(0x89).EmptyOrderedDict().Raw('}').Text("neg").Raw(0x88).Raw('s').Raw('t').Raw('R').Raw('s');
        Assert.Equal(
            "The tensor 'w' of 'x.bin' stands for the negative of its stored values; save it again after resolve_neg().",
            TorchFiles.Refusal(TorchFiles.Zip(pickle.Stop(), ("0", TorchFiles.Counting(12)))));
    }

    private static string Refusal(long storageElements, long offset, long[] shape, long[] strides)
    {
        PickleWriter pickle = new PickleWriter().Raw('}').Text("w").Tensor(DType.F32, "0", storageElements, offset, shape, strides).Raw('s');
        return TorchFiles.Refusal(TorchFiles.Zip(pickle.Stop(), ("0", TorchFiles.Counting(12))));
    }
}
