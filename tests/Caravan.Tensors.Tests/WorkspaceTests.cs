using Caravan.Kernels;

namespace Caravan.Tensors.Tests;

public sealed class WorkspaceTests
{
    [Fact]
    public void Rented_memory_does_not_overlap()
    {
        using Workspace workspace = new();
        List<Tensor> tensors = [];
        for (int i = 0; i < 200; i++)
        {
            tensors.Add(workspace.Rent(new Shape(i * 37)));
            tensors[i].Floats.AsSpan().Fill(i);
            if (i % 3 == 0) workspace.Take<byte>(i).AsSpan().Fill(0xFF);
        }

        for (int i = 0; i < 200; i++) Assert.DoesNotContain(tensors[i].Floats.AsSpan().ToArray(), value => value != i);
    }

    [Fact]
    public void Grows_over_several_chunks_and_needs_one_next_time()
    {
        using Workspace workspace = new();
        Tensor first = workspace.Rent(new Shape(200_000));
        first.Floats.AsSpan().Fill(1);
        for (int i = 0; i < 10; i++) workspace.Rent(new Shape(300_000)).Floats.AsSpan().Fill(2);
        long grown = workspace.Capacity;
        Assert.True(grown >= 3_200_000 * sizeof(float));
        Assert.All(first.Floats.AsSpan().ToArray(), value => Assert.Equal(1, value));

        workspace.Reset();
        for (int round = 0; round < 3; round++)
        {
            Assert.Same(first, workspace.Rent(new Shape(200_000)));
            for (int i = 0; i < 10; i++) workspace.Rent(new Shape(300_000)).Floats.AsSpan().Fill(2);
            Assert.Equal(grown, workspace.Capacity);
            workspace.Reset();
        }
    }

    [Fact]
    public void One_tensor_larger_than_a_chunk_fits()
    {
        using Workspace workspace = new();
        Assert.Equal(5_000_000, workspace.Rent(new Shape(5, 1_000_000)).Floats.Length);
        Assert.Equal(0, workspace.Rent(new Shape(0, 7)).Floats.Length);
    }

    [Fact]
    public void A_reused_tensor_has_forgotten_its_past()
    {
        using Workspace workspace = new();
        Tensor tensor = workspace.Rent(new Shape(2, 32), DType.Q8_0);
        tensor.RequiresGradient = true;
        workspace.Reset();

        Assert.Same(tensor, workspace.Rent(new Shape(3)));
        Assert.Equal("[3] F32", tensor.ToString());
        Assert.False(tensor.RequiresGradient);
        Assert.Null(tensor.Gradient);
    }

    [Fact]
    public void Zeroed_memory_is_zero_after_use()
    {
        using Workspace workspace = new();
        workspace.Rent(new Shape(1_000)).Floats.AsSpan().Fill(7);
        workspace.Reset();
        Assert.All(workspace.RentZeroed(new Shape(1_000)).Floats.AsSpan().ToArray(), value => Assert.Equal(0, value));
    }

    [Fact]
    public void Sizes_that_fit_no_memory_are_errors()
    {
        using Workspace workspace = new();
        Assert.Throws<OverflowException>(() => workspace.Take<float>(long.MaxValue / 2));
        Assert.Throws<CaravanException>(() => workspace.Take<float>(1L << 58));
        Assert.Throws<ArgumentOutOfRangeException>(() => workspace.Take<float>(-1));
        Assert.Equal(3, workspace.Rent(new Shape(3)).Floats.Length);
    }
}
