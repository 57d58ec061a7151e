using Caravan.Kernels;

namespace Caravan.Tensors.Tests;

public sealed class TensorTests
{
    [Fact]
    public void Shapes_know_their_dimensions()
    {
        Shape shape = new(2, 3, 4);
        Assert.Equal((3, 24, 4, 6), (shape.Rank, shape.Elements, shape.Columns, shape.Rows));
        Assert.Equal((2, 4), (shape[0], shape[-1]));
        Assert.Equal(new Shape(2, 3, 9), shape.WithColumns(9));
        Assert.Equal("[2, 3, 4]", shape.ToString());
        Assert.Throws<ArgumentOutOfRangeException>(() => shape[3]);
        Assert.Throws<ArgumentOutOfRangeException>(() => shape[-4]);
    }

    [Fact]
    public void Every_way_to_write_a_scalar_is_the_same()
    {
        foreach (Shape shape in new Shape[] { new(), default, new([]) })
        {
            Assert.Equal((0, 1, 1, 1), (shape.Rank, shape.Elements, shape.Columns, shape.Rows));
            Assert.Equal(new Shape(), shape);
            Assert.Equal("[]", shape.ToString());
        }

        Assert.NotEqual(new Shape(), new Shape(1));
        Assert.NotEqual(new Shape(3), new Shape(3, 1));
    }

    [Fact]
    public void Shapes_that_cannot_be_are_errors()
    {
        Assert.Throws<ArgumentException>(() => new Shape(1, 2, 3, 4, 5));
        Assert.Throws<ArgumentException>(() => new Shape(3, -1));
        Assert.Throws<OverflowException>(() => new Shape(1L << 40, 1L << 40).Elements);
        Assert.Equal(0, new Shape(1L << 40, 0).Elements);
    }

    [Fact]
    public void Memory_of_a_tensor_begins_as_zero_and_ends_with_it()
    {
        Tensor tensor = Tensor.Allocate(new Shape(3, 5), name: "a.weight");
        Assert.Equal("a.weight [3, 5] F32", tensor.ToString());
        Assert.All(tensor.Floats.AsSpan().ToArray(), value => Assert.Equal(0, value));
        tensor.Dispose();
        tensor.Dispose();
        Assert.Throws<ObjectDisposedException>(() => tensor.Bytes);
        Assert.Throws<ObjectDisposedException>(() => tensor.Floats);
    }

    [Fact]
    public void Bytes_must_fit_the_shape()
    {
        using NativeBuffer buffer = new(34);
        Assert.Equal(34, Tensor.View(new Shape(32), DType.Q8_0, buffer.Bytes).Bytes.Length);
        Assert.Throws<ArgumentException>(() => Tensor.View(new Shape(9), DType.F32, buffer.Bytes));
        Assert.Throws<CaravanException>(() => Tensor.View(new Shape(33), DType.Q8_0, buffer.Bytes));
        Assert.Throws<InvalidOperationException>(() => Tensor.View(new Shape(17), DType.F16, buffer.Bytes).Floats);
    }

    [Fact]
    public void A_gradient_has_the_shape_of_its_tensor()
    {
        using Tensor tensor = Tensor.Allocate(new Shape(4, 32), DType.Q8_0), fits = Tensor.Allocate(new Shape(4, 32));
        using Tensor turned = Tensor.Allocate(new Shape(32, 4)), half = Tensor.Allocate(new Shape(4, 32), DType.F16);
        tensor.Gradient = fits;
        Assert.Throws<ArgumentException>(() => tensor.Gradient = turned);
        Assert.Throws<ArgumentException>(() => tensor.Gradient = half);
        Assert.Same(fits, tensor.Gradient);
    }
}
