using Caravan.Kernels;
using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>Turns the rows of tokens by their numbers.</summary>
internal sealed class NumberingBlock(NumberingSpec spec, int width)
{
    private readonly float[] angles = Array.ConvertAll(spec.Angles(width), angle => (float)angle);

    /// <summary>Each row turned by its number; 0 leaves it.</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="x">[N, D] F32.</param>
    /// <param name="numbers">N numbers, from 0.</param>
    /// <returns>[N, D] F32.</returns>
    public Tensor Forward(Pass pass, Tensor x, ReadOnlySpan<int> numbers)
    {
        Shape shape = new(numbers.Length, angles.Length);
        RotaryAngles turns = new(pass.Workspace.Rent(shape), pass.Workspace.Rent(shape));
        for (int row = 0; row < numbers.Length; row++)
        {
            for (int i = 0; i < angles.Length; i++)
                (turns.Sines.Floats[((long)row * angles.Length) + i], turns.Cosines.Floats[((long)row * angles.Length) + i]) = MathF.SinCos(numbers[row] * angles[i]);
        }

        return Rope.Forward(pass, x, turns, width, RotaryLayout.HalfSplit);
    }
}
