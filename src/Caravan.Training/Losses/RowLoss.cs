namespace Caravan.Training;

/// <summary>A loss of a row of a student's logits, given its teacher's.</summary>
/// <param name="teacher">The teacher's logits, V floats.</param>
/// <param name="student">The student's logits, V floats.</param>
/// <param name="weight">Factor of this row, such as 1 / their number.</param>
/// <param name="gradient">weight·∂loss/∂student is added here.</param>
/// <returns>weight·loss.</returns>
internal delegate double RowLoss(ReadOnlySpan<float> teacher, ReadOnlySpan<float> student, double weight, Span<float> gradient);
