namespace Caravan.Training;

/// <summary>How far a student's distribution q is from its teacher's p.</summary>
internal enum Divergence
{
    /// <summary>KL(p ‖ q): the student covers all that the teacher does (Hinton et al. 2015).</summary>
    ForwardKl,

    /// <summary>KL(q ‖ p): the student keeps to what the teacher is sure of (Gu et al. 2024, "MiniLLM").</summary>
    ReverseKl,

    /// <summary>β·KL(p ‖ m) + (1 − β)·KL(q ‖ m), where m = β·p + (1 − β)·q (Agarwal et al. 2024, "GKD", eq. 1).</summary>
    JensenShannon,
}
