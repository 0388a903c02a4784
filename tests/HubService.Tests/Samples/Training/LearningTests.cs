using MathNet.Numerics.LinearAlgebra;
using TrainingPipeline.Datasets;
using TrainingPipeline.Learning;

namespace HubService.Tests.Samples.Training;

public class LearningTests
{
    private static readonly Examples Four = new(
        Matrix<double>.Build.DenseOfArray(new[,] { { 0.5, -1.2, 2 }, { 1.5, 0.3, -1 }, { -0.7, 0.8, 0.1 }, { 2.2, -0.4, -0.6 } }),
        Vector<double>.Build.Dense([1, 0, 1, 0]));

    [Fact]
    public void Gradient_agrees_with_differences_of_the_objective()
    {
        LogisticModel model = new(Vector<double>.Build.Dense([0.3, -0.8, 0.05]), 0.4);
        const double l2 = 0.07, h = 1e-6;
        LogisticModel gradient = model.Gradient(Four, l2);
        for (int i = 0; i < model.Weights.Count; i++)
        {
            Assert.Equal((Moved(i, h).Objective(Four, l2) - Moved(i, -h).Objective(Four, l2)) / (2 * h), gradient.Weights[i], 1e-7);
        }

        double bias = ((model with { Bias = model.Bias + h }).Objective(Four, l2) - (model with { Bias = model.Bias - h }).Objective(Four, l2)) / (2 * h);
        Assert.Equal(bias, gradient.Bias, 1e-7);

        LogisticModel Moved(int index, double by)
        {
            Vector<double> weights = model.Weights.Clone();
            weights[index] += by;
            return model with { Weights = weights };
        }
    }

    [Fact]
    public void Log_loss_is_the_mean_of_minus_log_of_the_probability_of_the_truth()
    {
        LogisticModel model = new(Vector<double>.Build.Dense([0.3, -0.8, 0.05]), 0.4);
        Vector<double> p = model.Probabilities(Four.Features);
        double expected = -(Math.Log(p[0]) + Math.Log(1 - p[1]) + Math.Log(p[2]) + Math.Log(1 - p[3])) / 4;
        Assert.Equal(expected, model.LogLoss(Four), 1e-12);
        Assert.True(double.IsFinite((model with { Bias = 5_000 }).LogLoss(Four)));
    }

    [Fact]
    public void Training_lowers_the_objective_and_repeats_under_a_seed()
    {
        Hyperparameters h = new(0.1, 0.01, 20, 2);
        LogisticTrainer first = new(Four, h, 7), second = new(Four, h, 7), other = new(Four, h, 8);
        double before = first.Model.Objective(Four, h.L2);
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(first.RunEpoch(), second.RunEpoch());
            other.RunEpoch();
        }

        Assert.True(first.Model.Objective(Four, h.L2) < before / 2);
        Assert.NotEqual(first.Model.Bias, other.Model.Bias);
    }

    [Fact]
    public void A_learning_rate_of_zero_stays_at_the_share_of_the_positive_class()
    {
        LogisticTrainer trainer = new(Four, new(0, 0, 1, 2), 1);
        trainer.RunEpoch();
        Assert.All(trainer.Model.Probabilities(Four.Features), p => Assert.Equal(0.5, p, 1e-12));
    }

    [Fact]
    public void Steps_that_are_too_long_are_reported_as_divergence()
    {
        LogisticTrainer trainer = new(Four, new(10, 10, 1_000, 2), 1);
        TrainingDivergedException diverged = Assert.Throws<TrainingDivergedException>(() =>
        {
            for (int i = 0; i < 1_000; i++)
            {
                trainer.RunEpoch();
            }
        });
        Assert.Contains("learning rate 10", diverged.Message, StringComparison.Ordinal);
    }
}
